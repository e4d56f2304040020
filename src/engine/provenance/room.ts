/** Room for a manifest under a size limit: the encoder is given less, and whoever asked is told of what they asked for. */
import { LumiereError } from '../errors.ts';

/**
 * `work` with the bytes that are left for pictures and sound. Its `output.size-unreachable` names the whole limit. Where none are
 * left that is said before any work.
 */
export async function leavingRoom<Result>(
  maxBytes: number,
  room: number,
  work: (bytes: number) => Promise<Result>,
): Promise<Result> {
  if (maxBytes <= room) throw new LumiereError('output.size-unreachable', { limit: maxBytes });
  try {
    return await work(maxBytes - room);
  } catch (error) {
    if (!(error instanceof LumiereError) || error.code !== 'output.size-unreachable') throw error;
    throw new LumiereError(error.code, { ...error.params, limit: maxBytes }, { cause: error });
  }
}
