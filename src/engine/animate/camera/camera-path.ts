/**
 * Where the camera looks at each moment of a move. The picture's edges never come into view: every move is made zoomed in as
 * far as it needs. A move that loops goes and comes back, so that its end meets its beginning in place and in speed.
 */
import type { Size } from '../../size.ts';
import type { CameraMove } from './camera-move.ts';
import type { View } from './resample.ts';

/** One moment: the camera's view, and that of the background where it moves at another speed. */
export interface Shot {
  readonly view: View;
  readonly background?: View;
}

export interface PathOptions {
  /** Of the picture. */
  readonly size: Size;
  /** What the eye shall stay on, in pixels: a face, or the middle. */
  readonly focus: { readonly x: number; readonly y: number };
  readonly loops: boolean;
  /** Length of the whole move. */
  readonly seconds: number;
  /** 0 to 2. */
  readonly strength: number;
  /** Draws the unrest of a hand. */
  readonly random: () => number;
}

/** At a share of the move from 0 to 1, the same at both ends when it loops. */
export type CameraPath = (share: number) => Shot;

const turn = 2 * Math.PI;

/** Lays out a move. `random` is drawn from here and never again: the path is a plain function of the share. */
export function cameraPath(move: CameraMove, options: PathOptions): CameraPath {
  const { size, focus, loops, strength } = options;
  const middle = { x: size.width / 2, y: size.height / 2 };
  /** From 0 to 1, and back when it loops. */
  const go = (share: number): number => (loops ? (1 - Math.cos(turn * share)) / 2 : share * share * (3 - 2 * share));
  const at = (x: number, y: number, zoom: number, roll = 0): View =>
    inside({ x, y, zoom: Math.max(1, zoom), roll }, size);
  const towards = (zoom: number): Shot => ({ view: at(focus.x, focus.y, zoom) });
  switch (move) {
    case 'none':
      return () => ({ view: at(middle.x, middle.y, 1) });
    case 'push-in':
      return (share) => towards(1 + 0.16 * strength * go(share));
    case 'pull-out':
      return (share) => towards(1 + 0.16 * strength * (1 - go(share)));
    case 'pan-left':
    case 'pan-right': {
      const zoom = 1 + 0.16 * strength;
      const room = (size.width / 2) * (1 - 1 / zoom) * (move === 'pan-left' ? -1 : 1);
      return (share) => ({ view: at(middle.x + room * (2 * go(share) - 1), focus.y, zoom) });
    }
    case 'drift': {
      const zoom = 1 + 0.09 * strength;
      const room = { x: (size.width / 2) * (1 - 1 / zoom), y: (size.height / 2) * (1 - 1 / zoom) };
      return (share) => ({
        view: at(
          middle.x + 0.8 * room.x * Math.sin(turn * share),
          middle.y + 0.5 * room.y * Math.sin(turn * 2 * share),
          zoom + 0.02 * strength * go(share),
        ),
      });
    }
    case 'hand-held':
      return handHeld(options, at);
    case 'parallax':
      return parallax(options, go, at);
  }
}

/** Unrest of a hand that holds a camera: slow sway and little tremor, each coordinate a sum of whole periods. */
function handHeld({ size, focus, seconds, strength, random }: PathOptions, at: ViewMaker): CameraPath {
  const zoom = 1 + 0.07 * strength;
  const [x, y, roll, breath] = Array.from({ length: 4 }, () => unrest(seconds, random)) as [Wave, Wave, Wave, Wave];
  const reach = Math.min(size.width, size.height) * 0.016 * strength;
  const middle = { x: size.width / 2, y: size.height / 2 };
  // A little towards what is looked at, as one would hold it.
  const centre = { x: middle.x + 0.15 * (focus.x - middle.x), y: middle.y + 0.15 * (focus.y - middle.y) };
  return (share) => ({
    view: at(
      centre.x + reach * x(share),
      centre.y + reach * y(share),
      zoom + 0.006 * strength * breath(share),
      0.35 * strength * roll(share),
    ),
  });
}

type Wave = (share: number) => number;

/** Within about -1 to 1. Amplitudes fall with the frequency as measured hands do, and end at 4 Hz. */
function unrest(seconds: number, random: () => number): Wave {
  const harmonics = Array.from({ length: Math.max(2, Math.floor(4 * seconds)) }, (_, index) => {
    const frequency = (index + 1) / seconds;
    return { cycles: index + 1, amplitude: 1 / (1 + (frequency / 0.35) ** 1.6), phase: random() * turn };
  });
  const size = Math.sqrt(harmonics.reduce((sum, { amplitude }) => sum + amplitude * amplitude, 0));
  return (share) =>
    harmonics.reduce(
      (sum, { cycles, amplitude, phase }) => sum + amplitude * Math.sin(turn * cycles * share + phase),
      0,
    ) / size;
}

/** A step to the side and back, and a little nearer: the subject moves against the background. */
function parallax({ size, focus, loops, strength }: PathOptions, go: Wave, at: ViewMaker): CameraPath {
  const side: Wave = (share) => (loops ? Math.sin(turn * share) : 2 * go(share) - 1);
  const middle = { x: size.width / 2, y: size.height / 2 };
  const reach = size.width * 0.012 * strength;
  return (share) => {
    const near = 1 + 0.06 * strength + 0.03 * strength * go(share);
    const far = 1 + 0.06 * strength;
    return {
      view: at(middle.x + reach * side(share), middle.y + 0.1 * (focus.y - middle.y), near),
      background: at(middle.x - 0.6 * reach * side(share), middle.y + 0.1 * (focus.y - middle.y), far),
    };
  };
}

type ViewMaker = (x: number, y: number, zoom: number, roll?: number) => View;

/** The view moved so that no corner of it leaves the picture, and zoomed in where moving is not enough. */
function inside(view: View, { width, height }: Size): View {
  const angle = (Math.abs(view.roll) * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const need = Math.max((width * cos + height * sin) / width, (height * cos + width * sin) / height);
  const zoom = Math.max(view.zoom, need);
  const half = { x: (width * cos + height * sin) / 2 / zoom, y: (height * cos + width * sin) / 2 / zoom };
  const clamp = (value: number, room: number, length: number): number => Math.min(length - room, Math.max(room, value));
  return { ...view, zoom, x: clamp(view.x, half.x, width), y: clamp(view.y, half.y, height) };
}
