/**
 * Writes to the pipes of a program, as fast as it reads. What is hung on a promise stays there until the promise settles, and a
 * program that encodes a film does not end for hours: its end is heard once, and told to whoever waits then.
 */
import type { Writable } from 'node:stream';

import { LumiereError } from '../errors.ts';
import type { ToolProcess } from './ffmpeg.ts';
import { afterWaiting } from './patience.ts';

/**
 * Resolves once the pipe takes more. Rejects when the program has ended before it did, with its own error or
 * `output.encoder-failed`; one that takes nothing for `stallMs` milliseconds is stopped.
 */
export type WriteTo = (pipe: Writable, data: Uint8Array) => Promise<void>;

export function toolWriter(tool: Pick<ToolProcess, 'ended' | 'stop'>, stallMs: number): WriteTo {
  const waiting = new Set<(error: unknown) => void>();
  let end: { readonly error: unknown } | undefined;
  const tell = (error: unknown): void => {
    end = { error };
    for (const reject of waiting) reject(error);
  };
  tool.ended.then(() => {
    tell(new LumiereError('output.encoder-failed', { detail: 'ended before the last frame' }));
  }, tell);
  return async (pipe, data) => {
    if (pipe.write(data)) return;
    if (end !== undefined) throw end.error;
    const forgetTime = afterWaiting(stallMs, () => {
      tool.stop(new LumiereError('output.encoder-failed', { detail: 'no progress' }));
    });
    let letGo: () => void = () => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        pipe.once('drain', resolve);
        waiting.add(reject);
        letGo = () => {
          pipe.off('drain', resolve);
          waiting.delete(reject);
        };
      });
    } finally {
      forgetTime();
      letGo();
    }
  };
}
