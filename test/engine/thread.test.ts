import { expect, it } from 'vitest';

import { LumiereError } from '../../src/engine/errors.ts';
import { runThread } from '../../src/engine/thread.ts';
import type { Counted, CountingWork } from './counting-thread.ts';

interface Options {
  readonly signal?: AbortSignal;
  readonly onCount?: (count: number) => void;
}

const count = (work: CountingWork, { signal, onCount }: Options = {}): Promise<number> =>
  runThread(new URL('./counting-thread.ts', import.meta.url), {
    name: 'counting',
    workerData: work,
    signal,
    answerIn: (message: Counted) => {
      if ('sum' in message) return message.sum;
      onCount?.(message.count);
      return undefined;
    },
  });

it('gives the answer, and what was said before it', async () => {
  const counts: number[] = [];
  expect(await count({ to: 4, end: 'answer' }, { onCount: (said) => counts.push(said) })).toBe(10);
  expect(counts).toEqual([1, 2, 3, 4]);
});

it('rejects with what the thread threw', async () => {
  await expect(count({ to: 1, end: 'throw' })).rejects.toThrow('lost count');
});

it('rejects when the thread ends without an answer', async () => {
  await expect(count({ to: 1, end: 'exit' })).rejects.toThrow('the thread of counting ended with 0 and no answer');
});

it('rejects with what its messages are taken for', async () => {
  const onCount = (): never => {
    throw new LumiereError('output.disk-full');
  };
  await expect(count({ to: 1, end: 'stay' }, { onCount })).rejects.toMatchObject({ code: 'output.disk-full' });
});

it('is ended by its signal, before and while it runs', async () => {
  const cancel = new AbortController();
  const stopped = count(
    { to: 1, end: 'stay' },
    {
      signal: cancel.signal,
      onCount: () => {
        cancel.abort();
      },
    },
  );
  await expect(stopped).rejects.toMatchObject({ code: 'job.cancelled' });
  await expect(count({ to: 1, end: 'answer' }, { signal: cancel.signal })).rejects.toMatchObject({
    code: 'job.cancelled',
  });
});
