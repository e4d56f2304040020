/**
 * A certificate for an installation that has none of its own: a small authority and, signed by it, the certificate that signs
 * manifests, as C2PA wants them (specification 2.2, 14.5.1). Readers call what they sign valid and its signer unknown.
 */
import { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const emailProtection = '1.3.6.1.5.5.7.3.4';
const yearMs = 365.25 * 24 * 3_600_000;
/** Without a time stamp a file is valid as long as the certificate that signed it. */
const leafYears = 10;
const authorityYears = 30;
/** Clocks of readers may be behind. */
const earlierMs = 24 * 3_600_000;

export interface OwnCertificate {
  /** PEM: the signer's certificate, then the authority's. */
  readonly chain: readonly string[];
  /** PKCS #8 in PEM. */
  readonly key: string;
  readonly authorityKey: string;
}

/** A new authority and a certificate of it; `now` in milliseconds since the epoch. */
export async function makeOwnCertificate(now: number): Promise<OwnCertificate> {
  const pair = await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const name = 'O=Lumière, CN=Lumière installation (self-signed)';
  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      name,
      keys: pair,
      notBefore: new Date(now - earlierMs),
      notAfter: new Date(now + authorityYears * yearMs),
      signingAlgorithm: curve,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(pair.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return issue(authority, await toPem(pair.privateKey), pair.privateKey, now);
}

/** Another certificate of the same authority, with a key of its own. */
export async function renewOwnCertificate(
  authority: X509Certificate,
  authorityKey: string,
  now: number,
): Promise<OwnCertificate> {
  const der = Buffer.from(authorityKey.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const key = await webcrypto.subtle.importKey('pkcs8', der, curve, false, ['sign']);
  return issue(authority, authorityKey, key, now);
}

async function issue(
  authority: X509Certificate,
  authorityKey: string,
  signingKey: webcrypto.CryptoKey,
  now: number,
): Promise<OwnCertificate> {
  const pair = await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const end = Math.min(now + leafYears * yearMs, authority.notAfter.getTime());
  const leaf = await X509CertificateGenerator.create(
    {
      subject: 'O=Lumière, CN=Lumière (self-signed)',
      issuer: authority.subject,
      publicKey: pair.publicKey,
      signingKey,
      notBefore: new Date(now - earlierMs),
      notAfter: new Date(end),
      signingAlgorithm: curve,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([emailProtection], true),
        await SubjectKeyIdentifierExtension.create(pair.publicKey, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(authority.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const chain = [leaf.toString('pem'), authority.toString('pem')];
  return { chain, key: await toPem(pair.privateKey), authorityKey };
}

async function toPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----'].join('\n');
}
