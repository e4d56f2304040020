/** A thread that thread-calls.test.ts talks to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';

import { answerCalls } from '../../src/engine/thread-answers.ts';

export interface EchoCalls {
  readonly say: { readonly task: { readonly word: string; readonly waitMs?: number }; readonly result: string };
  readonly double: {
    readonly task: { readonly bytes: Uint8Array<ArrayBuffer> };
    readonly result: Uint8Array<ArrayBuffer>;
  };
  readonly fail: { readonly task: { readonly words: string }; readonly result: never };
  readonly die: { readonly task: object; readonly result: never };
}

const { prefix } = workerData as { readonly prefix: string };

answerCalls<EchoCalls>({
  say: async ({ word, waitMs = 0 }) => {
    await sleep(waitMs);
    return { result: prefix + word };
  },
  double: ({ bytes }) => {
    const result = bytes.map((value) => 2 * value);
    return { result, moved: [result.buffer] };
  },
  fail: ({ words }) => {
    throw new Error(words);
  },
  die: () => process.exit(3),
});
