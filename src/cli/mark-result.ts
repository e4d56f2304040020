/** Marks on what the command line makes, with the identity in the data folder: the same as on what the bot makes. */
import { join } from 'node:path';

import type { Edit, MadeKind } from '../engine/provenance/c2pa/manifest.ts';
import type { Marking, UsedPath } from '../engine/provenance/marking.ts';
import type { Watermark } from '../engine/provenance/watermark/watermark.ts';
import { version } from '../version.ts';
import type { Run } from './run.ts';

/** What was marked, in `--json`. */
export interface MarkReport {
  /** Payload of the invisible watermark. */
  readonly watermark: string;
  readonly manifest: { readonly signer: string; readonly fingerprint: string; readonly trusted: boolean };
}

export interface ResultMarking {
  readonly watermark: Watermark;
  /** Bytes of a size limit that the manifest takes. */
  readonly room: number;
  /** Signs the finished file; resolves to its size and what there is to tell. */
  finish(
    path: string,
    made: {
      readonly kind: MadeKind;
      readonly mediaType: string;
      readonly edits: readonly Edit[];
      readonly used: readonly UsedPath[];
    },
  ): Promise<{ readonly bytes: number; readonly marks: MarkReport }>;
}

/** Opens the identity: a certificate that cannot be used is told before the work. Rejects as `openIdentity` does. */
export async function openMarking({ config, signal, progress }: Run): Promise<ResultMarking> {
  const { openIdentity } = await import('../engine/provenance/identity.ts');
  const { manifestRoom } = await import('../engine/provenance/c2pa/sign-file.ts');
  const { markFile } = await import('../engine/provenance/marking.ts');
  const { randomMarkId } = await import('../engine/provenance/mark-id.ts');
  const { describeMarks, readMarks } = await import('../engine/provenance/read-marks.ts');
  const identity = await openIdentity(join(config.dataDir, 'keys'), config.certificate);
  const marking: Marking = { identity, version };
  const payload = randomMarkId();
  return {
    watermark: { key: identity.watermarkKey, payload },
    room: manifestRoom(identity),
    finish: async (path, { used: given, ...made }) => {
      progress.update({ stage: 'mark', done: 0, total: 1, unit: 'percent' });
      const used: UsedPath[] = [];
      for (const file of given) {
        used.push({
          ...file,
          marks: describeMarks(await readMarks(file.path, { identity, watermark: false, signal })),
        });
      }
      const { bytes } = await markFile(
        path,
        { ...made, markId: payload, now: new Date() },
        { ...marking, used, signal },
      );
      const { name: signer, fingerprint, trusted } = identity;
      return { bytes, marks: { watermark: payload, manifest: { signer, fingerprint, trusted } } };
    },
  };
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

/** One line on how the result can be recognised. */
export function printMarks({ watermark, manifest }: MarkReport, { t, terminal }: Run): void {
  const signer = manifest.trusted ? manifest.signer : t('marks.self-signed');
  terminal.line(t('marks.done', { watermark, signer }));
}
