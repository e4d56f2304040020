/** What a file is recognised by when it comes again, whether it is a picture or a clip. */
import { LumiereError } from '../errors.ts';
import { openMedia } from '../media/open-media.ts';
import { likenessOfClip } from './clip-likeness.ts';
import { likenessOfFile } from './likeness.ts';

/** Empty for a picture of one colour. Rejects with `input.*` for what is neither picture nor clip, and with `job.cancelled`. */
export async function likenessOfMedia(path: string, signal: AbortSignal): Promise<string> {
  const media = await openMedia(path, signal);
  if (media.kind === 'clip') return likenessOfClip(media.probe, signal);
  return likenessOfFile(path).catch((cause: unknown) => {
    const detail = cause instanceof Error ? cause.message.split('\n', 1)[0]!.slice(0, 200) : '';
    throw new LumiereError('input.corrupt', { detail }, { cause });
  });
}
