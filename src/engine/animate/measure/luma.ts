/** How light a pixel is. */
import { lumaOf } from '../render/cutting.ts';

/** Luma of the pixel whose first byte is `at`, 0 to 255. */
export const lumaAt = (data: Uint8Array, at: number): number => lumaOf([data[at]!, data[at + 1]!, data[at + 2]!]);
