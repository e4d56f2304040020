/**
 * Marks on what the command line makes, with the identity in the data folder: the same as on what the bot makes. A result stands
 * under its name only once it is signed; whatever ends the program before leaves nothing there.
 */
import { join } from 'node:path';

import { LumiereError } from '../engine/errors.ts';
import { beginPartialFile, type PartialFile } from '../engine/media/partial-file.ts';
import type { Edit, MadeKind } from '../engine/provenance/c2pa/manifest.ts';
import type { Identity } from '../engine/provenance/identity.ts';
import type { Marking, UsedPath } from '../engine/provenance/marking.ts';
import type { Watermark } from '../engine/provenance/watermark/watermark.ts';
import { version } from '../version.ts';
import type { Run } from './run.ts';

/** What was marked, in `--json`. */
export interface MarkReport {
  /** Payload of the invisible watermark, where there is one. */
  readonly watermark?: string;
  readonly manifest?: {
    readonly signer: string;
    readonly fingerprint: string;
    readonly signedBy: Identity['signedBy'];
  };
  /** Why there is no manifest: the file is too large for one. */
  readonly unsigned?: Pick<LumiereError, 'code' | 'params'>;
}

/** What is said of a file in its manifest. */
export interface ResultWords {
  readonly kind: MadeKind;
  readonly mediaType: string;
  readonly edits?: readonly Edit[];
}

export interface ResultMarking {
  readonly watermark: Watermark;
  /** Bytes of a size limit that the manifest takes. */
  readonly room: number;
  /**
   * Has `make` write what shall stand at `output` under another name, signs it and puts it in its place.
   * Rejects as `make` and `markFile` do, with the real names; then nothing is there.
   */
  write<Result>(
    output: string,
    make: (path: string) => Promise<{ readonly result: Result; readonly words: ResultWords }>,
    options?: { readonly watermarked?: boolean },
  ): Promise<{ readonly result: Result; readonly bytes: number; readonly marks: MarkReport }>;
}

/**
 * Opens the identity and reads what the inputs carry: what cannot be used is told before the work, and nothing has to be read of
 * them after it. Rejects as `openIdentity` and `readMarks` do.
 */
export async function openMarking(
  { config, signal, progress }: Pick<Run, 'config' | 'signal' | 'progress'>,
  inputs: readonly Omit<UsedPath, 'marks'>[],
): Promise<ResultMarking> {
  const { openIdentity } = await import('../engine/provenance/identity.ts');
  const { manifestRoom } = await import('../engine/provenance/c2pa/sign-file.ts');
  const { markFile } = await import('../engine/provenance/marking.ts');
  const { randomMarkId } = await import('../engine/provenance/mark-id.ts');
  const { describeMarks, isFromAnimation, isFromTrained, readMarks } =
    await import('../engine/provenance/read-marks.ts');
  const identity = await openIdentity(join(config.dataDir, 'keys'), config.certificate);
  const marking: Marking = { identity, version };
  const payload = randomMarkId();
  const used: UsedPath[] = [];
  const sources: (boolean | undefined)[] = [];
  let fromAnimation = false;
  for (const input of inputs) {
    const { sha256, mediaType, ...marks } = await readMarks(input.path, { identity, watermark: false, signal });
    sources.push(isFromTrained(marks.manifest));
    if (input.part === 'clip') fromAnimation ||= isFromAnimation(marks.manifest);
    used.push({ ...input, known: { sha256, mediaType }, marks: describeMarks(marks) });
  }
  const { name: signer, fingerprint, signedBy } = identity;
  return {
    watermark: { key: identity.watermarkKey, payload },
    room: manifestRoom(identity),
    write: async (output, make, { watermarked = true } = {}) => {
      const partial = await beginPartialFile(output);
      const mark = watermarked ? { markId: payload } : {};
      try {
        const { result, words } = await make(partial.path);
        progress.update({ stage: 'mark', done: 0, total: 1, unit: 'percent' });
        const inherited = {
          ...(sources.includes(true) && { isFromTrained: true }),
          ...(fromAnimation && words.kind === 'restoration' && { isFromAnimation: true }),
        };
        const made = { edits: [], ...inherited, ...words, ...mark, now: new Date() };
        const { unsigned } = await markFile(partial.path, made, { ...marking, used, keepsTooLarge: true, signal });
        const bytes = await partial.commit();
        const signature = unsigned
          ? { unsigned: { code: unsigned.code, params: unsigned.params } }
          : { manifest: { signer, fingerprint, signedBy } };
        return { result, bytes, marks: { ...(watermarked && { watermark: payload }), ...signature } };
      } catch (error) {
        throw renamed(error, partial, output);
      } finally {
        await partial.discard();
      }
    },
  };
}

/** An error about the file in its place, and not about the name that it had meanwhile. */
function renamed(error: unknown, { path }: PartialFile, output: string): unknown {
  if (!(error instanceof LumiereError) || error.params['path'] !== path) return error;
  return new LumiereError(error.code, { ...error.params, path: output }, { cause: error });
}

/** `work` under a size limit, where there is one, with room for the manifest. */
export async function leavingRoom<Result>(
  maxBytes: number | undefined,
  room: number,
  work: (limit: { readonly maxBytes?: number }) => Promise<Result>,
): Promise<Result> {
  if (maxBytes === undefined) return work({});
  const { leavingRoom: within } = await import('../engine/provenance/room.ts');
  return within(maxBytes, room, (bytes) => work({ maxBytes: bytes }));
}

/** How the result can be recognised, in one line; in another, what is missing. */
export function printMarks({ watermark, manifest, unsigned }: MarkReport, { t, terminal }: Run): void {
  if (!manifest) {
    if (watermark !== undefined) terminal.line(t('marks.watermarked', { watermark }));
    if (unsigned) terminal.line(`  - ${t('marks.no-manifest', unsigned.params)}`);
    return;
  }
  const own = t('marks.self-signed');
  const signer = manifest.signedBy === 'operator' ? t('marks.operator', { signer: manifest.signer }) : own;
  terminal.line(watermark === undefined ? t('marks.signed', { signer }) : t('marks.done', { watermark, signer }));
}
