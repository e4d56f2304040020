/**
 * Whether a photograph looks sexual, by a small classifier: such pictures are not animated for anybody on Discord. What it says
 * is a number and nobody's fault: it is sometimes wrong, and a moderator decides then.
 */
import sharp from 'sharp';

import { LumiereError } from '../../errors.ts';
import { installModel } from '../../model/install.ts';
import type { Session, SessionPool } from '../../model/session.ts';

export const adultContentModel = 'nsfw-mobilenet-v2';

/** Sides of the picture that the network takes. */
const side = 224;
/** Of the classes, in the network's order. */
const classes = ['drawing', 'hentai', 'neutral', 'porn', 'sexy'] as const;
/** The two that count. What it calls sexy are swimsuits and bare arms as well: 0.9 for a juggler in the park. */
const counted: ReadonlySet<string> = new Set(['hentai', 'porn'] satisfies (typeof classes)[number][]);

/**
 * From here on a photograph is refused. Of 99 harmless pictures, most of them of people, the highest has 0.67 (a close-up of a
 * face), the second 0.55, and 89 of them are below 0.25: see models/cards/nsfw-mobilenet-v2.md.
 */
export const adultContentThreshold = 0.8;

/**
 * How much of the picture at `path` speaks for pornographic content, from 0 to 1: the mean over four views of it, whole and
 * squeezed, mirrored, with bars, and its middle, which is steadier than one. Rejects as sharp and the network do, or with
 * `model.not-installed`.
 */
export async function adultContent(
  path: string,
  { pool, modelsDir, signal }: { readonly pool: SessionPool; readonly modelsDir: string; readonly signal: AbortSignal },
): Promise<number> {
  const { network } = await installModel(adultContentModel, { cacheDir: modelsDir, offline: true });
  if (network === undefined) throw new LumiereError('model.not-installed', { model: adultContentModel });
  const views = await viewsOf(path);
  const session = await pool.open({ id: adultContentModel, model: network });
  try {
    let sum = 0;
    for (const view of views) sum += await shareOf(view, session, signal);
    return sum / views.length;
  } finally {
    await session.close();
  }
}

/** Rejects with `photo.sensitive` from the threshold on, and otherwise as `adultContent` does. */
export async function refuseAdultContent(path: string, options: Parameters<typeof adultContent>[1]): Promise<void> {
  if ((await adultContent(path, options)) >= adultContentThreshold) throw new LumiereError('photo.sensitive');
}

async function shareOf(view: Uint8Array, session: Session, signal: AbortSignal): Promise<number> {
  const data = Float32Array.from(view, (value) => value / 255);
  const results = await session.run({ input_1: { type: 'float32', dims: [1, side, side, 3], data } }, { signal });
  const probabilities = results['classes']?.data;
  if (probabilities?.length !== classes.length) throw new Error(`expected ${classes.length} classes`);
  return classes.reduce((sum, name, index) => sum + (counted.has(name) ? Number(probabilities[index]) : 0), 0);
}

const maxPixels = 100_000_000;

async function viewsOf(path: string): Promise<readonly Uint8Array[]> {
  const { data, info } = await sharp(path, { limitInputPixels: maxPixels, pages: 1 })
    .autoOrient()
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .resize(2 * side, 2 * side, { fit: 'inside' })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const small = () => sharp(data, { raw: { width, height, channels } });
  const views = [
    small().resize(side, side, { fit: 'fill' }),
    small().flop().resize(side, side, { fit: 'fill' }),
    small().resize(side, side, { fit: 'contain', background: '#808080' }),
    small().resize(side, side, { fit: 'cover' }),
  ];
  return Promise.all(views.map((view) => view.raw({ depth: 'uchar' }).toBuffer()));
}
