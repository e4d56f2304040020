/** Certificates as an operator would bring them: an authority's, and one of it that signs, in PEM files. */
import { webcrypto } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

import type { OperatorFiles } from '../../../src/engine/provenance/operator-certificate.ts';

export const usages = {
  emailProtection: '1.3.6.1.5.5.7.3.4',
  documentSigning: '1.3.6.1.5.5.7.3.36',
  claimSigning: '1.3.6.1.4.1.62558.2.1',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 24 * 3_600_000;

/** What an operator's key may be. */
export const keyKinds = {
  p256: curve,
  p384: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  },
  smallRsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 1024,
  },
  ed25519: { name: 'Ed25519' },
} as const;

export interface Wanted {
  readonly usage?: keyof typeof usages;
  readonly key?: keyof typeof keyKinds;
  /** Days from now. */
  readonly from?: number;
  readonly until?: number;
  readonly isAuthority?: boolean;
  /** What stands in the certificates' file; both, the signer's first. */
  readonly order?: 'right' | 'reversed' | 'alone';
}

/** Writes `NAME.pem` and `NAME.key` to `folder`. */
export async function operatorFiles(folder: string, name: string, wanted: Wanted = {}): Promise<OperatorFiles> {
  const { usage = 'emailProtection', key = 'p256', from = -1, until = 365, isAuthority = false } = wanted;
  const dates = { notBefore: new Date(Date.now() + from * day), notAfter: new Date(Date.now() + until * day) };
  const authorityKeys = await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'O=Authority, CN=Authority',
      keys: authorityKeys,
      ...dates,
      signingAlgorithm: curve,
      extensions: [
        new BasicConstraintsExtension(true, 1, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(authorityKeys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const keys = (await webcrypto.subtle.generateKey(keyKinds[key], true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const leaf = await X509CertificateGenerator.create(
    {
      subject: `O=${name}, CN=${name}`,
      issuer: authority.subject,
      publicKey: keys.publicKey,
      signingKey: authorityKeys.privateKey,
      ...dates,
      signingAlgorithm: curve,
      extensions: [
        new BasicConstraintsExtension(isAuthority, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([usages[usage]], true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(authority.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const files = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  const pems = { right: [leaf, authority], reversed: [authority, leaf], alone: [leaf] }[wanted.order ?? 'right'];
  await writeFile(files.certificate, pems.map((one) => one.toString('pem')).join('\n'));
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  await writeFile(files.key, PemConverter.encode(pkcs8, 'PRIVATE KEY'), { mode: 0o600 });
  return files;
}
