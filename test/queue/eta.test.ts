/** Places and times, against schedules worked out by hand. */
import { describe, expect, it } from 'vitest';

import { calibrate, forecast, secondsLeft } from '../../src/queue/eta.ts';
import { fairOrder, type Waiting } from '../../src/queue/fair-order.ts';

const waitingJob = (id: string, userId: string, seconds: number, queuedAt: number): Waiting => ({
  id,
  userId,
  guildId: `guild of ${userId}`,
  seconds,
  priority: 0,
  queuedAt,
});

const a = waitingJob('a', 'u1', 10, 1);
const b = waitingJob('b', 'u2', 20, 2);
const c = waitingJob('c', 'u3', 5, 3);
const limits = { runningPerUser: 1 };
const state = { waiting: [a, b, c], served: [], running: [], slots: 1, limits };

describe('the forecast', () => {
  it('puts one after the other where there is one slot, behind what runs', () => {
    const found = forecast({ ...state, running: [{ userId: 'u0', secondsLeft: 7 }] });
    expect(Object.fromEntries(found)).toEqual({
      a: { place: 1, startsIn: 7, endsIn: 17 },
      b: { place: 2, startsIn: 17, endsIn: 37 },
      c: { place: 3, startsIn: 37, endsIn: 42 },
    });
  });

  it('fills every slot that is free, now and later', () => {
    expect(Object.fromEntries(forecast({ ...state, slots: 2 }))).toEqual({
      a: { place: 1, startsIn: 0, endsIn: 10 },
      b: { place: 2, startsIn: 0, endsIn: 20 },
      c: { place: 3, startsIn: 10, endsIn: 15 },
    });
  });

  it('lets a user at the running limit wait for their own job, and the next one go before', () => {
    const second = waitingJob('a2', 'u1', 10, 0);
    const found = forecast({ ...state, waiting: [second, b], running: [{ userId: 'u1', secondsLeft: 50 }], slots: 2 });
    expect(Object.fromEntries(found)).toEqual({
      b: { place: 1, startsIn: 0, endsIn: 20 },
      a2: { place: 2, startsIn: 50, endsIn: 60 },
    });
  });

  it('knows places but no times where no worker is alive', () => {
    expect(Object.fromEntries(forecast({ ...state, slots: 0 }))).toEqual({
      a: { place: 1 },
      b: { place: 2 },
      c: { place: 3 },
    });
  });

  it('puts them in the order in which the dispatcher takes them', () => {
    const waiting = Array.from({ length: 60 }, (_, n) => waitingJob(`j${n}`, `u${n % 9}`, 1 + (n % 4), n));
    const found = forecast({ ...state, waiting });
    const places = [...found].sort(([, x], [, y]) => x.place - y.place).map(([id]) => id);
    expect(places).toEqual(fairOrder(waiting, [], [], { runningPerUser: 99 }).map(({ id }) => id));
    expect(places).not.toEqual(waiting.map(({ id }) => id).sort());
  });

  it('ends, and gives no place, where nobody may run', () => {
    expect(forecast({ ...state, limits: { runningPerUser: 0 } }).size).toBe(0);
  });

  it('takes a thousand without being lost in them', () => {
    const waiting = Array.from({ length: 1000 }, (_, n) => ({
      ...waitingJob(`j${n}`, `u${n % 400}`, 9, n),
      guildId: `g${n % 50}`,
    }));
    forecast({ ...state, waiting, slots: 8 });
    const started = process.cpuUsage();
    expect(forecast({ ...state, waiting, slots: 8 }).size).toBe(1000);
    // Of computing: some milliseconds; what grows with the square of them takes minutes.
    expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
  });
});

describe('the seconds a job has left', () => {
  it('are what it says, less the time since', () => {
    expect(secondsLeft({ predicted: 100, elapsed: 90, reported: { secondsLeft: 40, age: 3 } })).toBe(37);
  });
  it('are the prediction less what has passed while it says nothing', () => {
    expect(secondsLeft({ predicted: 100, elapsed: 90 })).toBe(10);
  });
  it('grow with a job that is overdue, and are never none', () => {
    expect(secondsLeft({ predicted: 100, elapsed: 200 })).toBe(20);
    expect(secondsLeft({ predicted: 2, elapsed: 2 })).toBe(1);
  });
});

describe('the calibration', () => {
  it('is the median of what predictions were off by', () => {
    const off = (measured: number) => ({ predicted: 10, measured });
    expect(calibrate([off(20), off(30), off(400)])).toBe(3);
    expect(calibrate([off(20), off(30)])).toBe(2.5);
  });
  it('is one where nothing is known, and stays within reason', () => {
    expect(calibrate([])).toBe(1);
    expect(calibrate([{ predicted: 0.1, measured: 50 }])).toBe(1);
    expect(calibrate([{ predicted: 1, measured: 5000 }])).toBe(20);
  });
});
