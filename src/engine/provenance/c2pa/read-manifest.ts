/** What the manifest in a file says, and whether it holds: read by c2pa-rs, in a thread, without reaching the network. */
import { createReadStream } from 'node:fs';
import * as z from 'zod';

import { LumiereError } from '../../errors.ts';
import type { Identity } from '../identity.ts';
import { type MadeKind, resultAssertion, resultLabel } from './manifest.ts';
import { withC2pa } from './sign-file.ts';

export interface ManifestReading {
  /** Signed with a certificate of this installation. */
  readonly isOurs: boolean;
  /**
   * `valid`: signature and content agree. `altered`: the file is not what was signed. `untold`: it cannot be said, the manifest
   * is damaged, or of a kind that is not known here.
   */
  readonly state: 'valid' | 'altered' | 'untold';
  /** What the reader found wrong, by the codes of the C2PA specification. */
  readonly problems: readonly string[];
  /** The program that made it, as it calls itself. */
  readonly generator?: string;
  /** Who signed, as the certificate says. */
  readonly signer?: string;
  /** Last words of IPTC's digital source types that its actions name. */
  readonly sourceTypes: readonly string[];
  /** When it was made, as its first action says. */
  readonly at?: Date;
  /** Of ours. */
  readonly kind?: MadeKind;
  readonly markId?: string;
}

const text = z.string().transform(plain);
const status = z.looseObject({ code: z.string() });
const action = z.looseObject({
  digitalSourceType: text.optional(),
  when: z.string().optional(),
});
const manifest = z.looseObject({
  claim_generator: text.nullish(),
  claim_generator_info: z.array(z.looseObject({ name: text, version: text.nullish() })).nullish(),
  signature_info: z
    .looseObject({ issuer: text.nullish(), common_name: text.nullish(), cert_serial_number: z.string().nullish() })
    .nullish(),
  assertions: z.array(z.looseObject({ label: z.string(), data: z.unknown() })).default([]),
});
const store = z.looseObject({
  active_manifest: z.string().nullish(),
  manifests: z.record(z.string(), manifest).default({}),
  validation_state: z.string().nullish(),
  validation_results: z
    .looseObject({ activeManifest: z.looseObject({ failure: z.array(status) }).nullish() })
    .nullish(),
});

/** The file is not what was signed, or the claim not what the signature is over. */
const alteredCodes = /(mismatch|hashedURI|missing|claimSignature|dataHash|bmffHash|boxesHash)/i;
const longestText = 100;
const mostFailures = 10;
/** A manifest that takes longer is somebody's trap. */
const patienceMs = 30_000;

/** Types that c2pa-rs reads; others carry no manifest that anybody could find. */
const readable = new Set([
  ...['video/mp4', 'video/quicktime', 'image/gif', 'image/webp', 'image/jpeg', 'image/png'],
  ...[
    'image/avif',
    'image/heic',
    'image/heif',
    'image/tiff',
    'audio/mp4',
    'audio/mpeg',
    'audio/wav',
    'video/x-msvideo',
  ],
]);

/**
 * Undefined where the file carries none. A manifest that cannot be read is `untold`, never an error; rejects only with
 * `job.cancelled`. Any file may be given: what its manifest does to the reader ends with its thread.
 */
export async function readManifest(
  path: string,
  mediaType: string,
  options: { readonly identity: Pick<Identity, 'known'>; readonly signal?: AbortSignal | undefined },
): Promise<ManifestReading | undefined> {
  if (!readable.has(mediaType) || !(await mayHoldOne(path))) return undefined;
  const { identity, signal } = options;
  const limit = AbortSignal.timeout(patienceMs);
  try {
    const json = await withC2pa(signal ? AbortSignal.any([signal, limit]) : limit, (thread) =>
      thread.call('read', { path, mediaType, trusted: authorities(identity) }),
    );
    return json === undefined ? undefined : describe(store.parse(JSON.parse(json)), identity);
  } catch {
    if (signal?.aborted) throw new LumiereError('job.cancelled');
    return { isOurs: false, state: 'untold', problems: [], sourceTypes: [] };
  }
}

/** The name of every manifest store, in plain bytes whatever the format: most files are spared a thread by it. */
const storeName = Buffer.from('c2pa');

async function mayHoldOne(path: string): Promise<boolean> {
  let end = Buffer.alloc(0);
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    const bytes = Buffer.concat([end, piece as Buffer]);
    if (bytes.includes(storeName)) return true;
    end = bytes.subarray(1 - storeName.length);
  }
  return false;
}

const authorities = ({ known }: Pick<Identity, 'known'>): string =>
  [...new Set(known.map(({ authority }) => authority))].join('\n');

function describe(found: z.output<typeof store>, { known }: Pick<Identity, 'known'>): ManifestReading {
  const active = found.manifests[found.active_manifest ?? ''];
  const failures = (found.validation_results?.activeManifest?.failure ?? []).map(({ code }) => code);
  // A signer that nobody vouches for is not a fault of the file.
  const problems = failures.filter((code) => code !== 'signingCredential.untrusted').slice(0, mostFailures);
  // An authority of an operator's has signed for others, too.
  const serial = active?.signature_info?.cert_serial_number;
  const isOurs =
    !failures.includes('signingCredential.untrusted') && known.some((certificate) => certificate.serial === serial);
  const state =
    problems.length === 0 && found.validation_state !== 'Invalid'
      ? 'valid'
      : problems.some((code) => alteredCodes.test(code))
        ? 'altered'
        : 'untold';
  if (!active) return { isOurs: false, state: 'untold', problems, sourceTypes: [] };
  const [generator] = active.claim_generator_info ?? [];
  const name = generator
    ? `${generator.name} ${generator.version ?? ''}`.trim()
    : (active.claim_generator ?? undefined);
  const signer = active.signature_info?.common_name ?? active.signature_info?.issuer ?? undefined;
  const actions = active.assertions
    .filter(({ label }) => label.startsWith('c2pa.actions'))
    .flatMap(({ data }) => z.object({ actions: z.array(action) }).safeParse(data).data?.actions ?? []);
  const sourceTypes = new Set(
    actions.flatMap(({ digitalSourceType: type }) => (type === undefined ? [] : [type.split('/').at(-1)!])),
  );
  const at = actions.map(({ when }) => new Date(when ?? '')).find((date) => !Number.isNaN(date.getTime()));
  const ours = active.assertions.find(({ label }) => label === resultLabel);
  const result = isOurs && ours ? resultAssertion.safeParse(ours.data).data : undefined;
  return {
    isOurs,
    state,
    problems,
    ...(name !== undefined && { generator: name }),
    ...(signer !== undefined && { signer }),
    sourceTypes: [...sourceTypes],
    ...(at && { at }),
    ...(result && { kind: result.kind, ...(result.mark !== undefined && { markId: result.mark }) }),
  };
}

/** A stranger's words, harmless in a message: one line, no control characters, no marks of format, not long. */
function plain(words: string): string {
  return Array.from(words.replaceAll(/[\p{C}\p{Z}]+/gu, ' '))
    .filter((character) => !'*_~`|<>[]()@#\\'.includes(character))
    .slice(0, longestText)
    .join('')
    .trim();
}
