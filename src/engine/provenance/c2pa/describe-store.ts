/**
 * A manifest store as c2pa-rs tells it, brought down to what is asked of it. Its text is a stranger's, of any size: this runs in the
 * thread that read it.
 */
import * as z from 'zod';

import { resultAssertion, resultLabel } from './manifest.ts';
import { type ManifestReading, untold } from './manifest-reading.ts';
import { knownSourceType } from './source-types.ts';

const text = z.string().transform(plain);
const status = z.looseObject({ code: z.string() });
const action = z.looseObject({
  digitalSourceType: z.string().optional(),
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
  manifests: z.record(z.string(), z.unknown()).default({}),
  validation_state: z.string().nullish(),
  validation_results: z
    .looseObject({
      activeManifest: z
        .looseObject({ success: z.array(status).default([]), failure: z.array(status).default([]) })
        .nullish(),
    })
    .nullish(),
});

/** The file is not what was signed, or the claim not what the signature is over. */
const alteredCodes = /(mismatch|hashedURI|missing|claimSignature|dataHash|bmffHash|boxesHash)/i;
/** The content is another; the manifest itself may be whole. */
const contentCodes = /^assertion\.(dataHash|bmffHash|boxesHash)\.mismatch$/;
/** Characters; 3,000 actions take 0.3 million. */
const longestStore = 16 * 2 ** 20;
const longestText = 100;
const longestCode = 60;
const mostProblems = 10;
const mostSourceTypes = 5;

export interface DescribedStore {
  readonly reading: ManifestReading;
  /** Of the certificate that is said to have signed, in decimal digits. */
  readonly serial?: string;
}

/**
 * @param json of the whole store; anything that is no store reads as `untold`.
 * @param serials of our certificates, in decimal digits. Our authorities are what c2pa-rs was told to trust.
 */
export function describeStore(json: string, serials: readonly string[]): DescribedStore {
  if (json.length > longestStore) return { reading: untold };
  const found = store.parse(JSON.parse(json));
  const { success = [], failure = [] } = found.validation_results?.activeManifest ?? {};
  const [passed, failed] = [success, failure].map((list) => list.map(({ code }) => code));
  // A signer that nobody vouches for is not a fault of the file.
  const problems = failed!.filter((code) => code !== 'signingCredential.untrusted');
  const told = { problems: problems.slice(0, mostProblems).map((code) => code.slice(0, longestCode)) };
  const active = manifest.safeParse(found.manifests[found.active_manifest ?? '']).data;
  if (!active) return { reading: { ...untold, ...told } };
  // An authority of an operator's has signed for others, too; and whoever has seen a chain can put it into a claim of theirs.
  const serial = active.signature_info?.cert_serial_number ?? '';
  const isOurs =
    serials.includes(serial) &&
    ['signingCredential.trusted', 'claimSignature.validated'].every((code) => passed!.includes(code)) &&
    !failed!.some((code) => code.startsWith('signingCredential.') || code.startsWith('claimSignature.'));
  const state =
    problems.length === 0 && found.validation_state !== 'Invalid'
      ? 'valid'
      : problems.some((code) => alteredCodes.test(code))
        ? 'altered'
        : 'untold';
  const isWhole = state === 'valid' || (problems.length > 0 && problems.every((code) => contentCodes.test(code)));
  return { reading: { isOurs, state, ...told, ...wordsOf(active, isOurs && isWhole) }, serial };
}

type Words = Pick<
  ManifestReading,
  'generator' | 'signer' | 'sourceTypes' | 'at' | 'kind' | 'markId' | 'isFromAnimation'
>;

function wordsOf(active: z.output<typeof manifest>, isBelieved: boolean): Words {
  const [generator] = active.claim_generator_info ?? [];
  const name = generator
    ? `${generator.name} ${generator.version ?? ''}`.trim().slice(0, longestText)
    : (active.claim_generator ?? undefined);
  const signer = active.signature_info?.common_name ?? active.signature_info?.issuer ?? undefined;
  const actions = active.assertions
    .filter(({ label }) => label.startsWith('c2pa.actions'))
    .flatMap(({ data }) => z.object({ actions: z.array(action) }).safeParse(data).data?.actions ?? []);
  const types = actions.flatMap(({ digitalSourceType: type }) => (type === undefined ? [] : [knownSourceType(type)]));
  const sourceTypes = [...new Set(types)].filter((type) => type !== undefined).slice(0, mostSourceTypes);
  const at = actions.map(({ when }) => new Date(when ?? '')).find((date) => !Number.isNaN(date.getTime()));
  const ours = active.assertions.find(({ label }) => label === resultLabel);
  const result = isBelieved && ours ? resultAssertion.safeParse(ours.data).data : undefined;
  return {
    ...(name !== undefined && { generator: name }),
    ...(signer !== undefined && { signer }),
    sourceTypes,
    ...(at && { at }),
    ...(result && {
      kind: result.kind,
      ...(result.mark !== undefined && { markId: result.mark }),
      ...(result.from === 'animation' && { isFromAnimation: true }),
    }),
  };
}

/** A stranger's words, harmless in a message: one line, no control characters, no marks of format, no link, not long. */
function plain(words: string): string {
  return Array.from(words.slice(0, 4 * longestText).replaceAll(/[\p{C}\p{Z}]+/gu, ' '))
    .filter((character) => !'*_~`|<>[]()@#\\:/'.includes(character))
    .slice(0, longestText)
    .join('')
    .trim();
}
