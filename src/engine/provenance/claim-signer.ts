/**
 * Signs claims as C2PA asks (specification 2.2, 13.2): a COSE_Sign1 with the chain in its protected header. c2pa-wasm hands over
 * the claim and writes what comes back.
 */
import { constants, createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { encode } from 'cborg';
import { encodedLength } from 'cborg/length';

/** What is handed to a thread that signs. */
export interface ClaimSigner {
  readonly algorithm: SigningAlgorithm;
  /** Certificates in DER, the signer's own first. */
  readonly chain: readonly Uint8Array[];
  /** PKCS #8 in PEM. */
  readonly privateKey: string;
}

export type SigningAlgorithm = 'es256' | 'es384' | 'es512' | 'ps256' | 'ed25519';

/** Numbers of RFC 9053, the hash that goes with each, and the bytes of a signature where the key does not decide. */
const cose: Readonly<
  Record<SigningAlgorithm, { readonly id: number; readonly hash: string | null; readonly rawBytes: number | null }>
> = {
  es256: { id: -7, hash: 'sha256', rawBytes: 64 },
  es384: { id: -35, hash: 'sha384', rawBytes: 96 },
  es512: { id: -36, hash: 'sha512', rawBytes: 132 },
  ps256: { id: -37, hash: 'sha256', rawBytes: null },
  ed25519: { id: -8, hash: null, rawBytes: 64 },
};

/** By OpenSSL's names. */
const curves: Readonly<Record<string, SigningAlgorithm>> = {
  prime256v1: 'es256',
  secp384r1: 'es384',
  secp521r1: 'es512',
};
const leastRsaBits = 2048;

const algorithmHeader = 1;
const chainHeader = 33;
/** Tag 18 of CBOR: COSE_Sign1. */
const signTag = 0xd2;

/** The algorithm a key signs with, or undefined where C2PA has none for it. */
export function algorithmOf(key: KeyObject): SigningAlgorithm | undefined {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  const kind = key.asymmetricKeyType;
  if (kind === 'ec') return curves[namedCurve];
  if (kind === 'rsa' || kind === 'rsa-pss') return modulusLength >= leastRsaBits ? 'ps256' : undefined;
  return kind === 'ed25519' ? kind : undefined;
}

/** Exactly the bytes that a signature takes in a file: padding would be bytes that nobody signed. */
export function signatureBytes(signer: ClaimSigner): number {
  return 1 + encodedLength(parts(signer, new Uint8Array(rawBytes(signer))));
}

/** The COSE_Sign1 over a claim. */
export function signClaim(signer: ClaimSigner, claim: Uint8Array): Uint8Array {
  const { hash } = cose[signer.algorithm];
  const toSign = encode(['Signature1', headerOf(signer), new Uint8Array(0), claim]);
  const isPss = signer.algorithm === 'ps256';
  const signature = sign(hash, toSign, {
    key: createPrivateKey(signer.privateKey),
    dsaEncoding: 'ieee-p1363',
    ...(isPss && { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
  });
  return Buffer.concat([Buffer.from([signTag]), encode(parts(signer, new Uint8Array(signature)))]);
}

function parts(signer: ClaimSigner, signature: Uint8Array): readonly unknown[] {
  return [headerOf(signer), {}, null, signature];
}

function headerOf({ algorithm, chain }: ClaimSigner): Uint8Array {
  const header = new Map<number, unknown>([
    [algorithmHeader, cose[algorithm].id],
    [chainHeader, chain.length === 1 ? chain[0] : [...chain]],
  ]);
  return encode(header);
}

/** Two numbers as long as the curve, or one as long as the modulus. */
function rawBytes({ algorithm, privateKey }: ClaimSigner): number {
  const { rawBytes: bytes } = cose[algorithm];
  return bytes ?? (createPrivateKey(privateKey).asymmetricKeyDetails?.modulusLength ?? 0) / 8;
}
