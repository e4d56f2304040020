import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';

import { repeating, type Repeating } from '../src/repeating.ts';

/** Work whose rounds begin and end as the test says. */
interface Rounds {
  begun: number;
  underWay: number;
  mostAtOnce: number;
  readonly errors: unknown[];
  /** Ends the round under way, well or with an error. */
  end: (error?: Error) => void;
}

let repeated: Repeating;
afterEach(() => repeated.close());

function start(everyMs: number): Rounds {
  const rounds: Rounds = { begun: 0, underWay: 0, mostAtOnce: 0, errors: [], end: () => undefined };
  const work = async (signal: AbortSignal): Promise<void> => {
    rounds.begun += 1;
    rounds.underWay += 1;
    rounds.mostAtOnce = Math.max(rounds.mostAtOnce, rounds.underWay);
    try {
      await new Promise<void>((resolve, reject) => {
        rounds.end = (error) => {
          if (error === undefined) resolve();
          else reject(error);
        };
        signal.addEventListener('abort', () => {
          resolve();
        });
      });
    } finally {
      rounds.underWay -= 1;
    }
  };
  repeated = repeating(work, everyMs, (error) => rounds.errors.push(error));
  return rounds;
}

/** Beyond any wait of a test: only a call begins a round. */
const never = 3_600_000;

it('begins at once, never twice at the same time, and once more for all who woke it meanwhile', async () => {
  const rounds = start(never);
  for (let i = 0; i < 3; i += 1) repeated.wake();
  expect(rounds.begun).toBe(1);
  rounds.end();
  await setImmediate();
  expect(rounds.begun).toBe(2);
  rounds.end();
  await setImmediate();
  expect([rounds.begun, rounds.mostAtOnce]).toEqual([2, 1]);
  repeated.wake();
  expect(rounds.begun).toBe(3);
});

it('goes on by itself, after a failure as well, which it tells', async () => {
  const rounds = start(1);
  rounds.end(new Error('out of paper'));
  await expect.poll(() => rounds.begun, { timeout: 60_000 }).toBe(2);
  rounds.end();
  await expect.poll(() => rounds.begun, { timeout: 60_000 }).toBe(3);
  expect(rounds.errors).toEqual([new Error('out of paper')]);
});

it('ends the round under way, and begins none when it is closed', async () => {
  const rounds = start(never);
  repeated.wake();
  await repeated.close();
  expect(rounds.underWay).toBe(0);
  repeated.wake();
  await setImmediate();
  expect(rounds.begun).toBe(1);
});
