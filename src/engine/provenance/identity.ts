/**
 * What an installation marks with: the key of its watermark, and the certificate and key that sign its manifests, the operator's
 * or its own. All of it lies in one folder that only its owner may read.
 */
import { createHash, createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PemConverter, X509Certificate } from '@peculiar/x509';

import { LumiereError } from '../errors.ts';
import type { ClaimSigner } from './claim-signer.ts';
import { openInstallationKey, readInstallationKey } from './installation-key.ts';
import { readKeyFile, replaceKeyFile, writeKeyFileOnce } from './key-file.ts';
import {
  type KnownCertificate,
  knownCertificates,
  knownOf,
  rememberChain,
  usableCertificates,
} from './known-certificates.ts';
import { type OperatorFiles, readOperatorCertificate } from './operator-certificate.ts';
import { makeOwnCertificate, type OwnCertificate, renewOwnCertificate } from './self-signed.ts';

/** Plain data: it is handed to threads as it is. */
export interface Identity {
  /** 32 bytes. */
  readonly watermarkKey: Uint8Array;
  readonly signer: ClaimSigner;
  /**
   * Whose certificate signs: the operator's, which others trust if its authority is on their lists, or one that was made here,
   * which they show as untrusted, self-signed.
   */
  readonly signedBy: 'operator' | 'installation';
  /** Where the certificate lies. */
  readonly path: string;
  /** Who signs, as the certificate says. */
  readonly name: string;
  /** SHA-256 of the certificate, in hexadecimal digits. */
  readonly fingerprint: string;
  readonly expiresAt: Date;
  /** Certificates that this installation has signed with: whatever one of them signed was made here. */
  readonly known: readonly KnownCertificate[];
}

const ownFile = 'c2pa-signing.pem';

/**
 * Opens the identity in `folder`, and makes there what is missing: at the first start a watermark key and, without the
 * operator's, a certificate. Its own is renewed when half its time is over, so that what it signed stays valid for years. Rejects
 * with `provenance.*` where the operator's files or the folder's cannot be read, written or used.
 */
export async function openIdentity(
  folder: string,
  operator?: OperatorFiles,
  now: () => number = Date.now,
): Promise<Identity> {
  const watermarkKey = await openInstallationKey(folder, 'watermark');
  const signer = operator ? await readOperatorCertificate(operator, now()) : await openOwn(folder, now());
  const certificate = new X509Certificate(signer.chain[0]!);
  const fingerprint = createHash('sha256').update(signer.chain[0]!).digest('hex');
  const known = await rememberChain(folder, fingerprint, signer.chain);
  const { subject, notAfter: expiresAt } = certificate;
  const signedBy = operator ? 'operator' : 'installation';
  const path = operator?.certificate ?? join(folder, ownFile);
  return { watermarkKey, signer, signedBy, path, name: subject, fingerprint, expiresAt, known };
}

/** Who signs and until when, without the keys. */
export type IdentityFacts = Pick<Identity, 'name' | 'signedBy' | 'expiresAt'>;

/**
 * The identity that `openIdentity` would open at `now`; makes and renews nothing. Undefined where its own is not made yet. Rejects
 * as `openIdentity` does.
 */
export async function inspectIdentity(
  folder: string,
  operator: OperatorFiles | undefined,
  now: number,
): Promise<IdentityFacts | undefined> {
  await Promise.all([readInstallationKey(folder, 'watermark'), knownCertificates(folder)]);
  const factsOf = (certificate: X509Certificate): Pick<Identity, 'name' | 'expiresAt'> => ({
    name: certificate.subject,
    expiresAt: certificate.notAfter,
  });
  if (operator) {
    const { chain } = await readOperatorCertificate(operator, now);
    return { ...factsOf(new X509Certificate(chain[0]!)), signedBy: 'operator' };
  }
  const own = await readOwn(join(folder, ownFile));
  return own && { ...factsOf(new X509Certificate(own.chain[0])), signedBy: 'installation' };
}

/** Whether a certificate that expires then should be followed by another: less than 30 days are left. */
export function expiresSoon(expiresAt: Date, now: number): boolean {
  return expiresAt.getTime() - now < 30 * 24 * 3_600_000;
}

/** What recognises marks, and nothing that makes them. */
export interface Recognition extends Pick<Identity, 'known'> {
  /** 32 bytes; undefined where there is none, so that no watermark can be looked for. */
  readonly watermarkKey: Uint8Array | undefined;
  /** What of the certificates could not be used: what only that one signed is not known. */
  readonly damaged: readonly LumiereError[];
}

/**
 * Opens it in `folder`: no certificate need be valid, and nothing is written. Rejects with `provenance.*` where the key of the
 * watermark cannot be used.
 */
export async function openRecognition(folder: string): Promise<Recognition> {
  const watermarkKey = await readInstallationKey(folder, 'watermark');
  const { known, damaged } = await usableCertificates(folder);
  const own = await readOwn(join(folder, ownFile)).catch((error: unknown) => {
    if (error instanceof LumiereError) return error;
    throw error;
  });
  // It is remembered at every start; who has a copy of it alone is spared the question.
  const ofOwn = own === undefined || own instanceof LumiereError ? undefined : knownOf(own.chain);
  const isNew = ofOwn !== undefined && !known.some(({ serial }) => serial === ofOwn.serial);
  return {
    watermarkKey,
    known: isNew ? [...known, ofOwn] : known,
    damaged: own instanceof LumiereError ? [...damaged, own] : damaged,
  };
}

async function openOwn(folder: string, now: number): Promise<ClaimSigner> {
  const path = join(folder, ownFile);
  const own =
    (await readOwn(path)) ?? fromText(await writeKeyFileOnce(path, toText(await makeOwnCertificate(now))), path);
  const [leaf, authority] = own.chain.map((pem) => new X509Certificate(pem));
  const halfTime = (leaf!.notBefore.getTime() + leaf!.notAfter.getTime()) / 2;
  if (now < halfTime) return toSigner(own);
  const isLate = authority!.notAfter.getTime() <= now;
  const next = isLate ? await makeOwnCertificate(now) : await renewOwnCertificate(authority!, own.authorityKey, now);
  await replaceKeyFile(path, toText(next));
  return toSigner(fromText(await readFile(path, 'utf8'), path));
}

/** Undefined where there is none. Rejects with `provenance.signing-key-damaged` or `.keys-unreadable`. */
async function readOwn(path: string): Promise<OwnCertificate | undefined> {
  const text = await readKeyFile(path);
  return text === undefined ? undefined : fromText(text, path);
}

function toText({ chain, key, authorityKey }: OwnCertificate): string {
  return `${[...chain, key, authorityKey].map((pem) => pem.trim()).join('\n')}\n`;
}

function fromText(text: string, path: string): OwnCertificate {
  const damaged = (cause?: unknown): LumiereError =>
    new LumiereError('provenance.signing-key-damaged', { path }, { cause });
  try {
    const blocks = text.match(/-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/g) ?? [];
    const [leaf, authority, key, authorityKey] = blocks;
    if (leaf === undefined || authority === undefined || key === undefined || authorityKey === undefined)
      throw damaged();
    for (const pem of [leaf, authority]) new X509Certificate(pem);
    for (const pem of [key, authorityKey]) createPrivateKey(pem);
    return { chain: [leaf, authority], key, authorityKey };
  } catch (error) {
    throw error instanceof LumiereError ? error : damaged(error);
  }
}

function toSigner({ chain, key }: OwnCertificate): ClaimSigner {
  const der = chain.map((pem) => new Uint8Array(PemConverter.decodeFirst(pem)));
  return { algorithm: 'es256', chain: der, privateKey: key };
}
