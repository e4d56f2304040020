import { afterEach, expect, it } from 'vitest';

import { type CalledThread, callThread } from '../../src/engine/thread-calls.ts';
import type { EchoCalls } from './echo-thread.ts';

let thread: CalledThread<EchoCalls> | undefined;
afterEach(() => thread?.close());

const open = (): CalledThread<EchoCalls> =>
  (thread = callThread<EchoCalls>(new URL('./echo-thread.ts', import.meta.url), {
    name: 'echoing',
    workerData: { prefix: '> ' },
  }));

it('answers each call with its own result, in order, also where one takes longer', async () => {
  const echo = open();
  const ended: string[] = [];
  const said = ['a', 'b', 'c'].map(async (word, index) => {
    const answer = await echo.call('say', { word, waitMs: index === 0 ? 50 : 0 });
    ended.push(answer);
    return answer;
  });
  expect(await Promise.all(said)).toEqual(['> a', '> b', '> c']);
  expect(ended).toEqual(['> a', '> b', '> c']);
});

it('hands memory over in both directions', async () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const back = await open().call('double', { bytes }, [bytes.buffer]);
  expect([...back]).toEqual([2, 4, 6]);
  expect(bytes.byteLength).toBe(0);
});

it('rejects what throws, by name, and goes on', async () => {
  const echo = open();
  await expect(echo.call('fail', { words: 'out of paper' })).rejects.toThrow(/^echoing failed: Error: out of paper/);
  expect(await echo.call('say', { word: 'still here' })).toBe('> still here');
});

it('rejects everything when the thread dies, then and later', async () => {
  const echo = open();
  const asked = await Promise.allSettled([echo.call('die', {}), echo.call('say', { word: 'late' })]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(echo.call('say', { word: 'there?' })).rejects.toThrow('the thread of echoing ended with 3');
  await expect(echo.call('say', { word: 'anybody?' })).rejects.toThrow('the thread of echoing ended with 3');
});

it('rejects what waits with the reason that it is closed for', async () => {
  const opened = open();
  const slow = opened.call('say', { word: 'late', waitMs: 60_000 });
  const rejected = expect(slow).rejects.toThrow('enough');
  expect(opened.pending).toBe(1);
  await opened.close(new Error('enough'));
  await rejected;
  expect(opened.pending).toBe(0);
});
