/**
 * Whether a loop jumps: by how much the pixels change from the last frame to the first, against the largest change between
 * the frames just before and just after: motion that goes on through the loop does so at one pace. It is asked place by place, because a jump of the eyes alone, of hair or of the chest is drowned in a
 * head that turns: the part of the picture that motion reaches is parted into cells of a centimetre.
 */
import type { Box } from '../face/face.ts';
import type { Picture } from '../../picture.ts';
import { lumaAt } from './luma.ts';
import { takeTurns } from '../face/turns.ts';

/** Centimetres a cell. */
const cellSize = 1;
/** Samples along each side of a cell, where the picture has as many pixels. */
const samples = 4;
/** Cells along the longer side, at most: a small face in a large picture reaches far. */
const mostCells = 96;
/** Mean change of a cell, in levels of 255, that nobody sees: where nothing else moves, a step is compared with this. */
const unseen = 2;

/** Steps on each side of the loop that its own is compared with. */
const compared = 8;

export interface LoopSteps {
  /**
   * Frames in order. Resolves once the frame was read: it may be written to again.
   * @param isSteady false in a blink: beside its fast lids no jump of the eyes would count, so such steps are left out
   * where the loop itself is not in a blink.
   */
  add(picture: Picture, isSteady: boolean): Promise<void>;
  /**
   * The step from the last frame to the first over the largest of those beside it, near the same place, where it is worst;
   * undefined when nothing moved.
   */
  ratio(): number | undefined;
}

/**
 * @param reach the part of the picture that motion reaches, in whole pixels.
 * @param scale pixels a centimetre of the largest face.
 */
export function measureLoopSteps(reach: Box, scale: number): LoopSteps {
  const cell = Math.max(1, cellSize * scale, Math.max(reach.width, reach.height) / mostCells);
  const pitch = Math.max(1, Math.round(cell / samples));
  const [columns, rows] = [Math.ceil(reach.width / pitch), Math.ceil(reach.height / pitch)];
  const size = { columns: Math.ceil(columns / samples), rows: Math.ceil(rows / samples) };
  const cells = size.columns * size.rows;
  const begin: Step[] = [];
  const end: Step[] = [];
  let moves = false;
  let [first, before]: (Seen | undefined)[] = [];

  async function read({ width, data }: Picture): Promise<Uint8Array> {
    const turns = takeTurns();
    const luma = new Uint8Array(columns * rows);
    for (let row = 0; row < rows; row += 1) {
      if (turns.isOver()) await turns.pass();
      const line = (reach.y + row * pitch) * width + reach.x;
      for (let column = 0; column < columns; column += 1) {
        luma[row * columns + column] = lumaAt(data, (line + column * pitch) * 3);
      }
    }
    return luma;
  }

  /** Mean change of each cell. */
  function stepBetween(a: Uint8Array, b: Uint8Array): Float32Array {
    const steps = new Float32Array(cells);
    for (let row = 0; row < rows; row += 1) {
      const to = Math.floor(row / samples) * size.columns;
      for (let column = 0; column < columns; column += 1) {
        const at = row * columns + column;
        steps[to + Math.floor(column / samples)]! += Math.abs(a[at]! - b[at]!) / samples ** 2;
      }
    }
    return steps;
  }

  return {
    async add(picture, isSteady) {
      const now = { luma: await read(picture), isSteady };
      first ??= now;
      if (before !== undefined) {
        const cells = stepBetween(before.luma, now.luma);
        const step = { cells, isSteady: before.isSteady && now.isSteady };
        moves ||= isSeen(cells);
        if (begin.length < compared) begin.push(step);
        end.push(step);
        if (end.length > compared) end.shift();
      }
      before = now;
    },
    ratio() {
      if (first === undefined || before === undefined) return undefined;
      const last = stepBetween(before.luma, first.luma);
      if (!moves && !isSeen(last)) return undefined;
      const isSteady = first.isSteady && before.isSteady;
      const beside = [...begin, ...end].filter((step) => step.isSteady || !isSteady);
      const largest = last.map((_, i) => beside.reduce((most, step) => Math.max(most, step.cells[i]!), 0));
      const near = largestAround(largest, size);
      return last.reduce((worst, step, i) => Math.max(worst, step / Math.max(unseen, near[i]!)), 0);
    },
  };
}

const isSeen = (cells: Float32Array): boolean => cells.some((step) => step >= unseen);

/** Mean change of each cell, and whether it lies outside blinks. */
interface Step {
  readonly cells: Float32Array;
  readonly isSteady: boolean;
}

interface Seen {
  readonly luma: Uint8Array;
  readonly isSteady: boolean;
}

/** The largest of each cell and its eight neighbours: what moves on passes from one to the next. */
function largestAround(
  cells: Float32Array,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): Float32Array {
  return cells.map((_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let found = 0;
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y += 1) {
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x += 1) {
        found = Math.max(found, cells[y * columns + x]!);
      }
    }
    return found;
  });
}
