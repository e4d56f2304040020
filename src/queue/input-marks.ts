/** Marks that the files of a request came with, as `Request.inputMarks` keeps them: who else said what made them. */
import * as z from 'zod';

import { describeMarks, type Marks, readMarks } from '../engine/provenance/read-marks.ts';
import type { Identity } from '../engine/provenance/identity.ts';
import { type GivenRole, givenRoles } from './given-roles.ts';

const manifest = z.strictObject({
  isOurs: z.boolean(),
  state: z.enum(['valid', 'altered', 'untold']),
  generator: z.string().max(200).optional(),
  signer: z.string().max(200).optional(),
  sourceTypes: z.array(z.string().max(50)).max(5),
});

const file = z.strictObject({
  role: z.enum(givenRoles),
  manifest: manifest.optional(),
  /** Of this installation: the request that it names. */
  markId: z.string().optional(),
  /** This very file was made here. */
  madeHere: z.boolean(),
});

/** Only of files that had any. */
export const inputMarks = z.strictObject({ version: z.literal(1), files: z.array(file) });
export type InputMarks = z.output<typeof inputMarks>;
export type FileMarks = InputMarks['files'][number];

/** What stands with a request; undefined where nothing does, or what is not known here. */
export function parseInputMarks(stored: unknown): InputMarks | undefined {
  return inputMarks.safeParse(stored).data;
}

export interface ReadFiles {
  readonly marks: InputMarks;
  /** Of each file that had marks, what its manifest's reader is told, in one line. */
  readonly words: Readonly<Partial<Record<GivenRole, string>>>;
}

/** Reads the marks of a request's files. A file that cannot be read has none: rejects only with `job.cancelled`. */
export async function readInputMarks(
  paths: Readonly<Partial<Record<GivenRole, string | undefined>>>,
  options: {
    readonly identity: Identity;
    readonly madeHere: readonly GivenRole[];
    readonly signal: AbortSignal;
  },
): Promise<ReadFiles> {
  const files: FileMarks[] = [];
  const words: Partial<Record<GivenRole, string>> = {};
  for (const role of givenRoles) {
    const path = paths[role];
    if (path === undefined) continue;
    const found = await readMarks(path, options).catch((error: unknown) => {
      if (options.signal.aborted) throw error;
      return undefined;
    });
    const file = { role, madeHere: options.madeHere.includes(role), ...(found && shortened(found)) };
    const line = wordsOf(file);
    if (line === undefined) continue;
    words[role] = line;
    files.push(file);
  }
  return { marks: { version: 1, files }, words };
}

/** The marks of a file in one line, for the manifest of what is made from it; undefined where it had none. */
export function wordsOf({ madeHere, manifest, markId }: Omit<FileMarks, 'role'>): string | undefined {
  const described = describeMarks({ manifest, watermark: markId === undefined ? undefined : {} });
  const parts = [madeHere ? 'This very file was made by this installation' : undefined, described];
  return parts.filter((part) => part !== undefined).join('. ') || undefined;
}

function shortened({ manifest: read, watermark }: Marks): Pick<FileMarks, 'manifest' | 'markId'> {
  return {
    ...(read && {
      manifest: {
        isOurs: read.isOurs,
        state: read.state,
        sourceTypes: [...read.sourceTypes],
        ...(read.generator !== undefined && { generator: read.generator }),
        ...(read.signer !== undefined && { signer: read.signer }),
      },
    }),
    ...(watermark && { markId: watermark.payload }),
  };
}
