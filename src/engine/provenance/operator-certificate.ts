/**
 * The operator's own certificate and key, read from PEM files and looked at closely before anything is signed: readers refuse a
 * signature for reasons that nobody would find out from the file.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  X509Certificate,
} from '@peculiar/x509';

import { LumiereError } from '../errors.ts';
import { fittingUsages } from './certificate-usages.ts';
import { algorithmOf, type ClaimSigner } from './claim-signer.ts';

/** Paths of PEM files. */
export interface OperatorFiles {
  /** The signer's certificate first, then those that lead to the authority. */
  readonly certificate: string;
  readonly key: string;
}

/**
 * Reads and checks them. Rejects with `provenance.certificate-unreadable`, `.not-pem`, `.certificate-expired`, `.certificate-early`,
 * `.certificate-usage`, `.certificate-order`, `.key-mismatch` or `.key-unfit`.
 */
export async function readOperatorCertificate(files: OperatorFiles, now: number): Promise<ClaimSigner> {
  const chain = certificatesIn(await read(files.certificate), files.certificate);
  const key = keyIn(await read(files.key), files.key);
  const leaf = chain[0]!;
  const path = files.certificate;
  if (!isPairOf(leaf, key)) throw new LumiereError('provenance.key-mismatch', { certificate: path, key: files.key });
  for (const { notBefore, notAfter } of chain) {
    if (notAfter.getTime() <= now)
      throw new LumiereError('provenance.certificate-expired', { path, at: day(notAfter) });
    if (notBefore.getTime() > now) throw new LumiereError('provenance.certificate-early', { path, at: day(notBefore) });
  }
  checkUsage(leaf, path);
  await checkOrder(chain, path);
  const algorithm = algorithmOf(key);
  if (algorithm === undefined) throw new LumiereError('provenance.key-unfit', { path: files.key });
  return {
    algorithm,
    chain: chain.map(({ rawData }) => new Uint8Array(rawData)),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new LumiereError('provenance.certificate-unreadable', { path }, { cause: error });
  }
}

function certificatesIn(text: string, path: string): readonly X509Certificate[] {
  try {
    const found = PemConverter.decodeWithHeaders(text).filter(({ type }) => type === 'CERTIFICATE');
    if (found.length > 0) return found.map(({ rawData }) => new X509Certificate(rawData));
  } catch (error) {
    throw new LumiereError('provenance.not-pem', { path }, { cause: error });
  }
  throw new LumiereError('provenance.not-pem', { path });
}

function keyIn(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    // OpenSSL's own words might repeat what stands in the file.
    throw new LumiereError('provenance.not-pem', { path });
  }
}

function isPairOf(certificate: X509Certificate, key: KeyObject): boolean {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return der.equals(Buffer.from(certificate.publicKey.rawData));
}

function checkUsage(leaf: X509Certificate, path: string): void {
  const usage = leaf.getExtension(KeyUsagesExtension);
  const purposes = leaf.getExtension(ExtendedKeyUsageExtension)?.usages.map(String) ?? [];
  const signs = usage !== null && (usage.usages & KeyUsageFlags.digitalSignature) !== 0;
  const isAuthority = leaf.getExtension(BasicConstraintsExtension)?.ca === true;
  if (signs && !isAuthority && fittingUsages.some((usage) => purposes.includes(usage))) return;
  throw new LumiereError('provenance.certificate-usage', { path });
}

/** Each certificate is signed by the one after it; one alone, or one that signs itself, leads to no authority. */
async function checkOrder(chain: readonly X509Certificate[], path: string): Promise<void> {
  const wrong = (): LumiereError => new LumiereError('provenance.certificate-order', { path });
  if (chain.length < 2 || chain[0]!.subject === chain[0]!.issuer) throw wrong();
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1];
    if (!issuer) return;
    const isSigned = await certificate.verify({ publicKey: issuer, signatureOnly: true }).catch(() => false);
    if (!isSigned) throw wrong();
  }
}
