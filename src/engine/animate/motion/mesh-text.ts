/**
 * Mesh displacements as text: base64 of little-endian 16-bit whole numbers, in steps of half a hundredth of a millimetre. A
 * frame takes 3.7 KB so, where decimal numbers would take 12.
 */
import { LumiereError } from '../../errors.ts';
import { meshPoints } from '../face/face.ts';

/** Centimetres a step. 32,767 of them reach 16 cm. */
export const meshStep = 0.0005;
const values = 3 * meshPoints;
const textLength = 4 * Math.ceil((2 * values) / 3);

/** @param limit the farthest a point may move, cm: what is beyond is held there. */
export function encodeMesh(mesh: Float32Array, limit: number): string {
  const most = Math.floor(limit / meshStep);
  const bytes = Buffer.alloc(2 * values);
  for (let i = 0; i < values; i++) {
    const steps = Math.round(mesh[i]! / meshStep);
    bytes.writeInt16LE(Math.max(-most, Math.min(most, steps)), 2 * i);
  }
  return bytes.toString('base64');
}

/** @param place where in the file it stands, for the error `track.invalid`. @param limit the farthest a point may move, cm. */
export function decodeMesh(text: string, place: string, limit: number): Float32Array {
  const bytes =
    text.length === textLength && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
  if (bytes?.length !== 2 * values)
    throw new LumiereError('track.invalid', { place, wrong: `base64 of ${values} 16-bit numbers` });
  const mesh = new Float32Array(values);
  for (let i = 0; i < values; i++) {
    const value = bytes.readInt16LE(2 * i) * meshStep;
    if (Math.abs(value) > limit) throw new LumiereError('track.invalid', { place, wrong: `at most ${limit} cm` });
    mesh[i] = value;
  }
  return mesh;
}
