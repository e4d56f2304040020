/**
 * What is asked of the place of a result before any work is done for it: a name that says what will be in the file, and a
 * folder that takes it. A job that would be refused at its end is refused at its beginning, and so is its dry run.
 */
import { realpath } from 'node:fs/promises';
import { extname } from 'node:path';

import { LumiereError } from '../errors.ts';
import { beginPartialFile } from './partial-file.ts';

/** Rejects with `request.invalid` when `output` is one of `inputs`, by whatever name or link. */
export async function refuseSameFile(inputs: readonly string[], output: string): Promise<void> {
  const target = await realpath(output).catch(() => undefined);
  if (target === undefined) return;
  const taken = await Promise.all(inputs.map((input) => realpath(input).catch(() => undefined)));
  if (taken.includes(target)) {
    throw new LumiereError('request.invalid', { option: 'out', value: output, expected: 'other-file' });
  }
}

/** Throws `request.invalid` unless the name of `output` has one of `endings` (`.mp4`; capitals do not matter). */
export function refuseOtherEnding(output: string, endings: readonly string[]): void {
  if (endings.includes(extname(output).toLowerCase())) return;
  throw new LumiereError('request.invalid', { option: 'out', value: output, expected: endings.join(', ') });
}

/**
 * Tries whether a result can stand at `output`, by beginning a file there and taking it away. Rejects with
 * `request.invalid` when it is one of `inputs`, else with `output.unwritable` or `output.disk-full`.
 */
export async function tryPlace(inputs: readonly string[], output: string): Promise<void> {
  await refuseSameFile(inputs, output);
  await (await beginPartialFile(output)).discard();
}
