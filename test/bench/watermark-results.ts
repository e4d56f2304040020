/** What the benchmark of marks has measured so far, a line of JSON for each result, so that a run that was stopped can go on. */
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { MarkCost } from './watermark-cost.ts';
import type { Place } from './watermark-unmarked.ts';

/** One marked clip, after one attack. */
export interface Trial {
  readonly kind: 'trial';
  readonly clip: string;
  /** Clips of one scene are no independent trials. */
  readonly scene: string;
  readonly group: 'trial' | 'small';
  /** Which key and payload. */
  readonly key: number;
  readonly attack: string;
  readonly read: boolean;
  readonly sync: number;
  readonly correlation: number;
}

/** One search of a file that the key marked nothing in. */
export interface UnmarkedSearch {
  readonly kind: 'unmarked';
  readonly file: string;
  readonly key: number;
  readonly places: readonly Place[];
}

export interface Cost extends MarkCost {
  readonly kind: 'cost';
}

/** What a mark adds to a file. */
export interface Bytes {
  readonly kind: 'bytes';
  readonly clip: string;
  readonly plain: number;
  readonly marked: number;
}

export type Result = Trial | UnmarkedSearch | Cost | Bytes;

export const resultsPath = fileURLToPath(new URL('../../bench-results/watermark-results.jsonl', import.meta.url));

/** What tells results apart. */
export function nameOf(result: Result): string {
  if (result.kind === 'trial') return `trial ${result.clip} ${result.key} ${result.attack}`;
  if (result.kind === 'unmarked') return `unmarked ${result.file} ${result.key}`;
  return result.kind === 'bytes' ? `bytes ${result.clip}` : `cost ${result.preset}`;
}

export interface Results {
  all(): readonly Result[];
  has(name: string): boolean;
  add(result: Result): Promise<void>;
}

/** What stands at `path`, to go on with; none, and nothing is left there, unless `resume`. */
export async function openResults(path: string, resume: boolean): Promise<Results> {
  await mkdir(dirname(path), { recursive: true });
  if (!resume) await rm(path, { force: true });
  const text = await readFile(path, 'utf8').catch(() => '');
  // A run that was stopped may have left half a line.
  if (text !== '' && !text.endsWith('\n')) await appendFile(path, '\n');
  const known = new Map<string, Result>();
  for (const line of text.split('\n')) {
    const result = parse(line);
    if (result !== undefined) known.set(nameOf(result), result);
  }
  return {
    all: () => [...known.values()],
    has: (name) => known.has(name),
    async add(result) {
      known.set(nameOf(result), result);
      await appendFile(path, `${JSON.stringify(result)}\n`);
    },
  };
}

function parse(line: string): Result | undefined {
  try {
    return line === '' ? undefined : (JSON.parse(line) as Result);
  } catch {
    return undefined;
  }
}
