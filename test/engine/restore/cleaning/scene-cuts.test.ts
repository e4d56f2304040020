import { describe, expect, it } from 'vitest';

import type { Frame } from '../../../../src/engine/frame.ts';
import { decodeFrames } from '../../../../src/engine/media/decode.ts';
import { probe } from '../../../../src/engine/media/probe.ts';
import { rational } from '../../../../src/engine/rational.ts';
import { markShots } from '../../../../src/engine/restore/cleaning/scene-cuts.ts';
import type { GreyPicture } from '../../../../src/engine/restore/inspection/thumbnail.ts';
import { makeClip } from '../../../clips.ts';
import { sharedMedia } from '../../../media.ts';
import { collect, frameOf, grainy, leaves, pieceOf, quiet, streamOf } from '../leaves.ts';

const worlds = [leaves(420, 140, 1), leaves(420, 140, 2), leaves(420, 140, 3)];
/** Frame `k` of a pan over world `which`, `speed` pixels a frame. */
const view = (which: number, k: number, speed = 4): GreyPicture => pieceOf(worlds[which]!, 5 + k * speed, 10, 160, 120);
const lit = (picture: GreyPicture, gain: number, lift = 0): GreyPicture => ({
  ...picture,
  data: picture.data.map((level) => Math.max(0, Math.min(255, level * gain + lift))),
});

async function cutsOf(frames: AsyncIterable<Frame>): Promise<number[]> {
  const marked = await collect(markShots(frames, quiet));
  return marked.flatMap((frame, i) => (frame.startsShot ? [i] : []));
}

const cutsIn = (pictures: readonly GreyPicture[]): Promise<number[]> =>
  cutsOf(streamOf(pictures.map((picture, i) => frameOf(grainy(picture, 3, i + 1), rational(i, 25)))));

const shot = (which: number, length: number, speed = 4): GreyPicture[] =>
  Array.from({ length }, (_, k) => view(which, k, speed));

describe('scene cuts', () => {
  it('are found at every join, and nothing else is', async () => {
    expect(await cutsIn([...shot(0, 15), ...shot(1, 12), ...shot(2, 2), ...shot(0, 10), ...shot(1, 1)])).toEqual([
      15, 27, 29, 39,
    ]);
  });

  it('pass every frame on, in order and otherwise unchanged', async () => {
    const frames = [...shot(0, 6), ...shot(1, 6)].map((picture, i) => frameOf(picture, rational(i, 25)));
    const marked = await collect(markShots(streamOf(frames), quiet));
    expect(marked.map((frame) => ({ ...frame, startsShot: undefined }))).toEqual(
      frames.map((frame) => ({ ...frame, startsShot: undefined })),
    );
  });

  it('are not seen in a fast pan', async () => {
    expect(await cutsIn(shot(0, 20, 12))).toEqual([]);
  });

  it.each([1, 2, 3])('are not seen in a flash of %s frames', async (length) => {
    const pictures = shot(0, 20).map((picture, k) => (k >= 9 && k < 9 + length ? lit(picture, 0.3, 170) : picture));
    expect(await cutsIn(pictures)).toEqual([]);
  });

  it('are not seen in a damaged frame, whatever it shows', async () => {
    const pictures = shot(0, 20).map((picture, k) => (k === 9 ? view(2, 0) : picture));
    expect(await cutsIn(pictures)).toEqual([]);
  });

  it('are not seen in flicker, but are within it', async () => {
    const flickering = (pictures: GreyPicture[]) =>
      pictures.map((picture, k) => lit(picture, 0.7 + 0.09 * ((k * 7) % 5)));
    expect(await cutsIn(flickering(shot(0, 20)))).toEqual([]);
    expect(await cutsIn(flickering([...shot(0, 12), ...shot(1, 12)]))).toEqual([12]);
  });

  it('are not seen in a fade to black and back, nor in a dissolve', async () => {
    const fade = shot(0, 24).map((picture, k) => lit(picture, Math.min(1, Math.abs(k - 12) / 10)));
    expect(await cutsIn(fade)).toEqual([]);
    const dissolve = shot(0, 24, 1).map((picture, k) => {
      const share = Math.max(0, Math.min(1, (k - 6) / 12));
      const other = view(1, k, 1);
      return { ...picture, data: picture.data.map((level, i) => level * (1 - share) + other.data[i]! * share) };
    });
    expect(await cutsIn(dissolve)).toEqual([]);
  });

  it('stand where the joins are behind held frames and x264', async () => {
    const source = (name: string) => `${name}=s=160x120:r=12:d=1`;
    const clip = await makeClip('mp4', [
      ...[
        '-f',
        'lavfi',
        '-i',
        source('testsrc2'),
        '-f',
        'lavfi',
        '-i',
        source('smptehdbars'),
        '-f',
        'lavfi',
        '-i',
        source('testsrc'),
      ],
      ...['-filter_complex', '[0][1][2]concat=n=3,fps=24,format=yuv420p', '-frames:v', '72'],
      ...['-c:v', 'libx264', '-crf', '26', '-pix_fmt', 'yuv420p'],
    ]);
    expect(await cutsOf(decodeFrames(await probe(clip)))).toEqual([24, 48]);
  });

  const dog = sharedMedia('clips/dog.mp4');
  const juggle = sharedMedia('clips/juggle.mp4');
  const bison = sharedMedia('films/muybridge-bison.mp4');
  const roundhay = sharedMedia('films/roundhay-1888.mp4');
  const all = dog && juggle && bison && roundhay;
  it.skipIf(!all)('stand where four real clips were joined, and not where a film jumps by itself', async () => {
    const inputs = [dog!, juggle!, bison!, roundhay!].flatMap((path) => ['-i', path]);
    const parts = [0, 1, 2, 3].map((i) => `[${i}:v]scale=160:120,setsar=1,fps=25,trim=end_frame=30[v${i}]`).join(';');
    const clip = await makeClip('mp4', [
      ...inputs,
      ...['-filter_complex', `${parts};[v0][v1][v2][v3]concat=n=4,format=yuv420p`],
      ...['-c:v', 'libx264', '-crf', '22', '-preset', 'veryfast'],
    ]);
    expect(await cutsOf(decodeFrames(await probe(clip)))).toEqual([30, 60, 90]);
  });

  it.skipIf(!juggle)('are not seen in juggling', async () => {
    const clip = await probe(juggle!);
    const frames = decodeFrames(clip, { scale: { width: 320, height: 180 }, to: rational(5) });
    expect(await cutsOf(frames)).toEqual([]);
  });
});
