/** What a job says, in and out: versions, bounds, the engine's words, progress, outcomes, reasons. */
import { describe, expect, it } from 'vitest';

import { refuseTooLarge } from '../../src/commands/send-file.ts';
import { LumiereError } from '../../src/engine/errors.ts';
import { Refusal } from '../../src/policy/refusal.ts';
import { requestJob, restoreParameters, shortJob, toRestoreRequest, type JobProgress } from '../../src/queue/job.ts';
import { jobIdOf } from '../../src/queue/names.ts';
import { addGivenUp, readOutcome } from '../../src/queue/outcome.ts';
import { createProgressMeter } from '../../src/queue/progress-meter.ts';
import { mayPass, queueReasons, QueueProblem, reasonOf } from '../../src/queue/reasons.ts';
import { sizeLimit } from '../../src/queue/upload-limits.ts';
import type { Reply } from '../../src/store/rows.ts';
import { languages, readSentences } from '../../src/locale.ts';

const requestId = '0197a1b2-c3d4-7e5f-8a6b-0123456789ab';

describe('a job', () => {
  it('is taken as it was put in, and not otherwise', () => {
    const job = { version: 1, kind: 'restore', requestId };
    expect(requestJob.parse(JSON.parse(JSON.stringify(job)))).toEqual(job);
    for (const wrong of [{ ...job, version: 2 }, { ...job, requestId: '../etc' }, { ...job, more: 1 }, {}]) {
      expect(requestJob.safeParse(wrong).success).toBe(false);
    }
    const refit = { version: 1, kind: 'refit', requestId, maxBytes: 5 };
    expect(shortJob.safeParse(refit).success).toBe(true);
    expect(shortJob.safeParse({ ...refit, maxBytes: 0 }).success).toBe(false);
    expect(shortJob.safeParse({ ...refit, kind: 'compare' }).success).toBe(false);
  });

  it('has an id that Redis keeps once, and that BullMQ takes', () => {
    const ids = [
      jobIdOf({ version: 1, kind: 'restore', requestId }),
      jobIdOf({ version: 1, kind: 'refit', requestId, maxBytes: 5 }),
      jobIdOf({ version: 1, kind: 'refit', requestId, maxBytes: 6 }),
      jobIdOf({ version: 1, kind: 'compare', requestId, maxBytes: 5, labels: ['a', 'b'] }),
    ];
    expect(new Set(ids).size).toBe(4);
    expect(ids.some((id) => id.includes(':'))).toBe(false);
  });
});

describe('parameters of /restore', () => {
  const standard = restoreParameters.parse({ version: 1, command: 'restore' });

  it('have defaults, which are the engine’s', () => {
    const { request, sound } = toRestoreRequest(standard, { maxBytes: 1000, label: 'x' });
    expect(request).toMatchObject({
      size: { scale: 4 },
      rate: { fps: { num: 60, den: 1 }, atLeast: true },
      look: 'film',
      quality: 'balanced',
      grain: false,
      maxBytes: 1000,
      label: 'x',
    });
    expect(sound).toEqual({ kind: 'keep' });
  });

  it('say the rate as the engine wants it, and never without a limit of size', () => {
    const rate = (fps: unknown) =>
      toRestoreRequest(restoreParameters.parse({ ...standard, fps }), { maxBytes: 1 }).request.rate;
    expect(rate(25)).toEqual({ fps: { num: 25, den: 1 } });
    expect(rate('source')).toBe('source');
    expect('label' in toRestoreRequest(standard, { maxBytes: 1 }).request).toBe(false);
  });

  it.each([{ scale: 3 }, { fps: 0 }, { fps: 241 }, { fps: 23.5 }, { look: 'nice' }, { version: 2 }, { extra: true }])(
    'refuse %j',
    (wrong) => {
      expect(restoreParameters.safeParse({ ...standard, ...wrong }).success).toBe(false);
    },
  );
});

describe('the progress meter', () => {
  function meter() {
    let at = 0;
    const told: JobProgress[] = [];
    const progress = createProgressMeter({ now: () => at, publish: (one) => told.push(one) });
    return { told, progress, pass: (ms: number) => (at += ms) };
  }

  it('tells at most twice a second, and each stage’s beginning at once', () => {
    const { told, progress, pass } = meter();
    for (let frame = 0; frame < 100; frame += 1) {
      progress.update('restore', frame, 100);
      pass(20);
    }
    progress.update('fit', 0, 100);
    expect(told.filter(({ stage }) => stage === 'restore')).toHaveLength(4);
    expect(told.at(-1)).toMatchObject({ stage: 'fit', done: 0 });
  });

  it('measures frames a second over the last ten seconds and tells the time left by them', () => {
    const { told, progress, pass } = meter();
    for (let frame = 0; frame <= 20; frame += 1) {
      progress.update('restore', frame, 500);
      pass(1000); // slow at first
    }
    for (let frame = 20; frame <= 140; frame += 1) {
      progress.update('restore', frame, 500);
      pass(100);
    }
    const last = told.at(-1)!;
    expect(last.framesPerSecond).toBeGreaterThan(9.5);
    expect(last.framesPerSecond).toBeLessThan(10.5);
    expect(last.secondsLeft).toBeCloseTo((500 - last.done) / last.framesPerSecond!, 5);
  });

  it('goes by the prediction while nothing is measured, and says nothing where there is none', () => {
    const { told, progress, pass } = meter();
    progress.update('prepare', 0, 1);
    expect(told[0]).toEqual({ stage: 'prepare', done: 0, total: 1 });
    progress.predict(60);
    pass(5000);
    progress.update('restore', 0, 100);
    expect(told[1]).toEqual({ stage: 'restore', done: 0, total: 100, secondsLeft: 55 });
  });
});

describe('an outcome', () => {
  it('joins what two encodings gave up', () => {
    const size = (width: number) => ({ width, height: width / 2 });
    const earlier = [
      { what: 'quality', from: 18, to: 28 },
      { what: 'size', from: size(400), to: size(300) },
    ] as const;
    const later = [
      { what: 'size', from: size(300), to: size(200) },
      { what: 'bit-rate', to: 5000 },
    ] as const;
    expect(addGivenUp(earlier, later)).toEqual([
      { what: 'quality', from: 18, to: 28 },
      { what: 'size', from: size(400), to: size(200) },
      { what: 'bit-rate', to: 5000 },
    ]);
  });

  it('that is not one of this version is none', () => {
    expect(readOutcome(null)).toBeUndefined();
    expect(readOutcome({ version: 2 })).toBeUndefined();
  });
});

describe('a reason', () => {
  it('has a sentence in every language', () => {
    for (const language of languages) {
      const sentences = readSentences(language);
      expect(queueReasons.filter((code) => !sentences[`errors.${code}`])).toEqual([]);
    }
  });

  it('is the error’s own, and ours where it has none', () => {
    expect(reasonOf(new LumiereError('input.too-small', { width: 1 }))).toEqual({
      code: 'input.too-small',
      params: { width: 1 },
    });
    expect(reasonOf(new QueueProblem('queue.input-gone')).code).toBe('queue.input-gone');
    expect(reasonOf(Object.assign(new Error(), { code: 'ENOSPC' })).code).toBe('output.disk-full');
    expect(reasonOf(new TypeError('x')).code).toBe('queue.fault');
  });

  it('may pass where the machine was at fault, never where the clip was', () => {
    expect(mayPass(new LumiereError('device.failed'))).toBe(true);
    expect(mayPass(Object.assign(new Error(), { code: 'EMFILE' }))).toBe(true);
    expect(mayPass(new LumiereError('input.corrupt'))).toBe(false);
    expect(mayPass(new LumiereError('output.size-unreachable'))).toBe(false);
    expect(mayPass(new TypeError('x'))).toBe(false);
  });
});

describe('the size that a result may have', () => {
  const mib = 2 ** 20;
  const tokenExpiresAt = new Date('2026-03-01T12:15:00Z');
  const at = (minutes: number): number => tokenExpiresAt.getTime() - (15 - minutes) * 60_000;
  const reply = (uploadLimit: number) => ({ uploadLimit, tokenExpiresAt }) as Reply;

  it.each([
    [25 * mib, 13, 25 * mib],
    [25 * mib, 14.5, 10 * mib],
    [25 * mib, 60, 10 * mib],
    [8 * mib, 60, 8 * mib],
  ])('of %i bytes for the token, ready after %f minutes, is under %i', (uploadLimit, minutes, limit) => {
    expect(sizeLimit(reply(uploadLimit), at(minutes))).toBe(limit - 16 * 1024);
  });

  it('is what is sent once more to the same place, and not a byte above', () => {
    const most = sizeLimit(reply(25 * mib), at(13));
    expect(() => {
      refuseTooLarge(most, 25 * mib);
    }).not.toThrow();
    expect(() => {
      refuseTooLarge(most + 1, 25 * mib);
    }).toThrow(Refusal);
  });
});
