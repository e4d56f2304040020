/** Looks at the file that `--sound FILE` names, before any work is done on the clip. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LumiereError } from '../../errors.ts';
import { ffprobeJson } from '../../media/ffprobe-json.ts';
import { defaultLimits } from '../../media/limits.ts';

/** A file with sound in it. */
export interface FoundSound {
  readonly path: string;
  /** Position of its first sound track among all streams. */
  readonly stream: number;
  readonly channels: number;
  /** Length in seconds, where the file tells. */
  readonly seconds?: number;
}

/**
 * Finds the first sound track of a file; a film with sound will do. Rejects with `request.sound-not-found` (`path`) when
 * there is no such file, `request.sound-without-audio` (`path`) when it holds none, or an `input.…` code with `path` when
 * it is no media at all.
 */
export async function findSound(path: string, signal?: AbortSignal): Promise<FoundSound> {
  const file = resolve(path);
  const found = await stat(file).catch((error: unknown) => {
    throw new LumiereError('request.sound-not-found', { path }, { cause: error });
  });
  if (!found.isFile()) throw new LumiereError('request.sound-not-found', { path });
  if (found.size === 0) throw new LumiereError('input.empty', { path });
  const look = { limits: defaultLimits, signal };
  const entries = ['-show_entries', 'stream=index,codec_type,codec_name,channels:format=duration'];
  const { streams = [], format } = await ffprobeJson(file, entries, look).catch((error: unknown) => {
    throw aboutTheSound(error, path);
  });
  const track = streams.find(({ codec_type, channels = 0 }) => codec_type === 'audio' && channels > 0);
  if (track === undefined) throw new LumiereError('request.sound-without-audio', { path });
  const seconds = Number(format?.duration);
  return { path: file, stream: track.index, channels: track.channels ?? 1, ...(seconds > 0 && { seconds }) };
}

/** The same error, saying which file it is about: there are two. */
export function aboutTheSound(error: unknown, path: string): unknown {
  if (!(error instanceof LumiereError) || !error.code.startsWith('input.')) return error;
  return new LumiereError(error.code, { ...error.params, path }, { cause: error });
}
