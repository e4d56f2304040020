/**
 * Signs claims as C2PA asks (specification 2.2, 13.2): a COSE_Sign1 with the chain in its protected header, padded to the size
 * that was kept free for it. c2pa-wasm hands over the claim and writes what comes back.
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

export const signingAlgorithms = ['es256', 'es384', 'es512', 'ps256', 'ed25519'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** Numbers of RFC 9053, and the hash that goes with each. */
const cose: Readonly<Record<SigningAlgorithm, { readonly id: number; readonly hash: string | null }>> = {
  es256: { id: -7, hash: 'sha256' },
  es384: { id: -35, hash: 'sha384' },
  es512: { id: -36, hash: 'sha512' },
  ps256: { id: -37, hash: 'sha256' },
  ed25519: { id: -8, hash: null },
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

/** Bytes that a signature takes in a file: the chain, a signature of at most 1 KiB, and what is around them. */
export function reservedBytes({ chain }: ClaimSigner): number {
  return chain.reduce((sum, certificate) => sum + certificate.length + 8, 0) + 2048;
}

/** The COSE_Sign1 over a claim, of exactly `size` bytes. */
export function signClaim(signer: ClaimSigner, claim: Uint8Array, size: number): Uint8Array {
  const { id, hash } = cose[signer.algorithm];
  const header = encode(
    new Map<number, unknown>([
      [algorithmHeader, id],
      [chainHeader, signer.chain.length === 1 ? signer.chain[0] : [...signer.chain]],
    ]),
  );
  const toSign = encode(['Signature1', header, new Uint8Array(0), claim]);
  const key = createPrivateKey(signer.privateKey);
  const isPss = signer.algorithm === 'ps256';
  const signature = sign(hash, toSign, {
    key,
    dsaEncoding: 'ieee-p1363',
    ...(isPss && { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
  });
  const parts = (padding: number, more = -1): readonly unknown[] => {
    const pads = { pad: new Uint8Array(padding), ...(more >= 0 && { pad2: new Uint8Array(more) }) };
    return [header, pads, null, new Uint8Array(signature)];
  };
  const room = size - 1;
  const least = encodedLength(parts(0));
  if (least > room) throw new RangeError(`expected at least ${least + 1} bytes for a signature but received ${size}`);
  // The length of a length has steps: where one padding jumps over the size wanted, two meet it.
  for (let padding = Math.max(0, room - least - 8); padding <= room - least; padding += 1) {
    if (encodedLength(parts(padding)) === room) return tagged(parts(padding));
    const left = room - encodedLength(parts(padding, 0));
    if (left >= 0 && encodedLength(parts(padding, left)) === room) return tagged(parts(padding, left));
  }
  throw new RangeError(`expected a size that a signature can be padded to but received ${size}`);
}

function tagged(parts: readonly unknown[]): Uint8Array {
  return Buffer.concat([Buffer.from([signTag]), encode(parts)]);
}
