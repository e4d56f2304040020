/** What tests of faces share: the networks on the CPU, a photograph as a picture, and drawings over it. */
import sharp, { type Sharp } from 'sharp';

import type { Face } from '../../../../src/engine/animate/face/face.ts';
import { faceModels, openFaceNetworks, type FaceNetworks } from '../../../../src/engine/animate/face/networks.ts';
import type { Picture } from '../../../../src/engine/picture.ts';
import { createSessionPool } from '../../../../src/engine/model/session-pool.ts';
import { installForTest, testModelCache } from '../../../models.ts';

export interface FaceBench {
  readonly networks: FaceNetworks;
  close(): Promise<void>;
}

/** The face networks, on the CPU. */
export async function openFaceBench(): Promise<FaceBench> {
  for (const id of faceModels) await installForTest(id);
  const pool = createSessionPool({ providers: ['cpu'] });
  const networks = await openFaceNetworks(pool, testModelCache);
  return {
    networks,
    async close() {
      await networks.close();
      await pool.close();
    },
  };
}

const raw = ({ width, height, data }: Picture): Sharp => sharp(data, { raw: { width, height, channels: 3 } });

/** The picture that an image comes to, without what may be seen through it. */
export async function toPicture(image: Sharp): Promise<Picture> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** The picture with a drawing over it, given as the inside of an SVG in the picture's own coordinates. */
export function drawOver(picture: Picture, svg: string): Promise<Picture> {
  const input = Buffer.from(`<svg width="${picture.width}" height="${picture.height}">${svg}</svg>`);
  return toPicture(raw(picture).composite([{ input }]));
}

export function resized(picture: Picture, scale: number): Promise<Picture> {
  return toPicture(raw(picture).resize(Math.round(picture.width * scale), Math.round(picture.height * scale)));
}

export function mirrored(picture: Picture): Promise<Picture> {
  return toPicture(raw(picture).flop());
}

/** The part around a face, half as large again. */
export function headOf(picture: Picture, { box }: Face): Promise<Picture> {
  const left = Math.max(0, Math.round(box.x - box.width / 4));
  const top = Math.max(0, Math.round(box.y - box.height / 4));
  const width = Math.min(picture.width - left, Math.round(box.width * 1.5));
  const height = Math.min(picture.height - top, Math.round(box.height * 1.5));
  return toPicture(raw(picture).extract({ left, top, width, height }));
}

/** `columns` by `rows` of the same picture. */
export async function tiled(picture: Picture, columns: number, rows: number): Promise<Picture> {
  const input = await raw(picture).png().toBuffer();
  const { width, height } = picture;
  const background = { width: columns * width, height: rows * height, channels: 3, background: '#888' } as const;
  const tiles = Array.from({ length: columns * rows }, (_, i) => ({
    input,
    left: (i % columns) * width,
    top: Math.floor(i / columns) * height,
  }));
  return toPicture(sharp({ create: background }).composite(tiles));
}

/** The picture as a file's bytes. */
export const encoded = (picture: Picture): Sharp => raw(picture);
