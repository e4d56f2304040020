/** Certificates that an installation has signed with: they come and go, and what an earlier one signed is known by it still. */
import { join } from 'node:path';
import { PemConverter, X509Certificate } from '@peculiar/x509';

import { LumiereError } from '../errors.ts';
import { readKeyFile, readKeyFolder, writeKeyFileOnce } from './key-file.ts';

export interface KnownCertificate {
  /** Of the signer's certificate, in decimal digits: its authority has given it to no other. */
  readonly serial: string;
  /** The last certificate of its chain, in PEM. */
  readonly authority: string;
  /** When the first of its chain expires, in milliseconds since the epoch. */
  readonly validUntil: number;
}

const folderName = 'certificates';

/** Remembers a chain, in DER, by its fingerprint in the folder of the keys. Resolves with all that are known there. */
export async function rememberChain(
  folder: string,
  fingerprint: string,
  chain: readonly Uint8Array[],
): Promise<readonly KnownCertificate[]> {
  const path = join(folder, folderName, `${fingerprint}.pem`);
  if ((await readKeyFile(path)) === undefined) {
    const text = chain.map((der) => new X509Certificate(der).toString('pem')).join('\n');
    await writeKeyFileOnce(path, `${text}\n`);
  }
  return knownCertificates(folder);
}

/** Those in `folder`. Rejects with `provenance.certificate-damaged` or `.keys-unreadable` when one cannot be used. */
export async function knownCertificates(folder: string): Promise<readonly KnownCertificate[]> {
  const { known, damaged } = await usableCertificates(folder);
  if (damaged[0]) throw damaged[0];
  return known;
}

/** Those in `folder` that can be used, and what is wrong with the others. */
export async function usableCertificates(
  folder: string,
): Promise<{ readonly known: readonly KnownCertificate[]; readonly damaged: readonly LumiereError[] }> {
  const place = join(folder, folderName);
  const names = ((await readKeyFolder(place)) ?? []).filter((name) => /^[0-9a-f]{64}\.pem$/.test(name)).sort();
  const known: KnownCertificate[] = [];
  const damaged: LumiereError[] = [];
  for (const name of names) {
    try {
      known.push(await readKnown(join(place, name)));
    } catch (error) {
      if (!(error instanceof LumiereError)) throw error;
      damaged.push(error);
    }
  }
  return { known, damaged };
}

async function readKnown(path: string): Promise<KnownCertificate> {
  const text = (await readKeyFile(path)) ?? '';
  try {
    return knownOf(PemConverter.decode(text));
  } catch (error) {
    throw new LumiereError('provenance.certificate-damaged', { path }, { cause: error });
  }
}

/** @param chain at least one certificate, in PEM or DER; anything else throws. */
export function knownOf(chain: readonly (string | ArrayBuffer)[]): KnownCertificate {
  const certificates = chain.map((one) => new X509Certificate(one));
  const [leaf] = certificates;
  if (leaf === undefined) throw new RangeError('expected a certificate but received none');
  return {
    serial: BigInt(`0x${leaf.serialNumber}`).toString(),
    authority: certificates.at(-1)!.toString('pem'),
    validUntil: Math.min(...certificates.map(({ notAfter }) => notAfter.getTime())),
  };
}
