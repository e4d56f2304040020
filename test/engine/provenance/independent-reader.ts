/** Another implementation of C2PA, in TypeScript and by other people: what it says of an MP4, a JPEG or a PNG. */
import { type Asset, BMFF, JPEG, PNG } from '@trustnxt/c2pa-ts/asset';
import { SuperBox } from '@trustnxt/c2pa-ts/jumbf';
import { ManifestStore } from '@trustnxt/c2pa-ts/manifest';

export interface IndependentReading {
  readonly isValid: boolean;
  /** Codes of what it checked. */
  readonly codes: readonly string[];
}

/** It knows the boxes of every MP4, and asks only for the brands of pictures. */
const { canReadBrands } = BMFF as unknown as { readonly canReadBrands: Set<string> };
canReadBrands.add('isom');

/** Undefined where it finds no manifest. Rejects where it cannot make sense of one. */
export async function readIndependently(bytes: Uint8Array<ArrayBuffer>): Promise<IndependentReading | undefined> {
  const kind = [JPEG, PNG, BMFF].find((one) => one.canRead(bytes));
  if (!kind) throw new Error('no format that it reads');
  const asset: Asset = new kind(new Uint8Array(bytes));
  const jumbf = asset.getManifestJUMBF();
  if (!jumbf) return undefined;
  const result = await ManifestStore.read(SuperBox.fromBuffer(new Uint8Array(jumbf))).validate(asset);
  return { isValid: result.isValid, codes: result.statusEntries.map(({ code }) => code) };
}
