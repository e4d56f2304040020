/** The real work in the queue: a clip restored with real weights, compared, made smaller, and broken off in the middle. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { probe } from '../../src/engine/media/probe.ts';
import { readManifest } from '../../src/engine/provenance/c2pa/read-manifest.ts';
import { type Identity, openIdentity } from '../../src/engine/provenance/identity.ts';
import { parseInputMarks } from '../../src/queue/input-marks.ts';
import type { JobProgress } from '../../src/queue/job.ts';
import type { Processors } from '../../src/queue/processor.ts';
import { type RestoreOutcome, readOutcome } from '../../src/queue/outcome.ts';
import type { JobQueue } from '../../src/queue/queue.ts';
import { restoreProcessor } from '../../src/queue/restore-processor.ts';
import { compareProcessor, refitProcessor } from '../../src/queue/result-processors.ts';
import { h264, makeClip, picture } from '../clips.ts';
import { installForTest, testModelCache } from '../models.ts';
import { processesNaming } from '../processes.ts';
import { openWorld, type QueueWorld, until } from './world.ts';

const label = 'Restored with Lumière';
/** What the restorations have reported, all of it: a Redis that is slow gets the latest alone. */
const reported: { readonly stage: JobProgress['stage']; readonly total: number }[] = [];
let world: QueueWorld;
let queue: JobQueue;
let identity: Identity;

beforeAll(async () => {
  await Promise.all([installForTest('general-x4v3'), installForTest('rife-v4.6')]);
  world = await openWorld();
  queue = await world.queue();
  identity = await openIdentity(join(world.folder, 'keys'));
  const marking = { identity, version: '0.0.0' };
  const restore = restoreProcessor({ machine: { modelsDir: testModelCache, providers: ['cpu'] }, label, marking });
  const heard: Processors['restore'] = (work) =>
    restore({
      ...work,
      progress: {
        ...work.progress,
        update: (stage, done, total) => {
          reported.push({ stage, total });
          work.progress.update(stage, done, total);
        },
      },
    });
  await world.worker({ restore: heard, refit: refitProcessor({ marking }), compare: compareProcessor({ marking }) });
});
afterAll(() => world.close());

const stateOf = async (id: string): Promise<string> => (await world.row(id)).state;

/** Large enough for its size to be in its pictures, and not in its manifest. */
const noisyClip = (): Promise<string> =>
  makeClip('mp4', [
    ...picture('testsrc2=s=64x48:r=25:d=1,noise=alls=60:allf=t'),
    ...picture('sine=f=440:d=1:r=44100'),
    ...[...h264, '-c:a', 'aac', '-movflags', '+faststart'],
  ]);

async function probeStored(sha256: string) {
  const file = await world.media.open(sha256);
  try {
    return await probe(file.path);
  } finally {
    await file.release();
  }
}

async function manifestOfStored(sha256: string) {
  const file = await world.media.open(sha256);
  try {
    return await readManifest(file.path, 'video/mp4', { identity });
  } finally {
    await file.release();
  }
}

describe('a restoration', () => {
  const told: JobProgress[] = [];
  let id: string;
  let outcome: RestoreOutcome;

  beforeAll(async () => {
    const input = await readFile(await noisyClip());
    id = await world.add({ input, parameters: { scale: 2, fps: 'source', quality: 'fast' }, uploadLimit: 500_000 });
    queue.onProgress((requestId, progress) => {
      if (requestId === id) told.push(progress);
    });
    const ended: string[] = [];
    queue.onEnded((requestId) => ended.push(requestId));
    queue.submitted(id);
    await until(async () => ['delivering', 'failed'].includes(await stateOf(id)));
    // Told through Redis, after all that was told of it before.
    await until(() => ended.includes(id));
    outcome = readOutcome((await world.row(id)).outcome) as RestoreOutcome;
  });

  it('comes out as asked, with its sound, under the limit, and its outcome says so', async () => {
    const row = await world.row(id);
    expect(row).toMatchObject({ state: 'delivering', code: null, attempts: 1 });
    const result = await probeStored(row.resultSha256!);
    expect(result.video).toMatchObject({ width: 128, height: 96, rate: { num: 25, den: 1 } });
    expect(result.audio).toHaveLength(1);
    expect(outcome).toMatchObject({
      before: { width: 64, height: 48, rate: { num: 25, den: 1 }, seconds: 1 },
      after: { width: 128, height: 96, rate: { num: 25, den: 1 }, bytes: result.bytes, seconds: 1 },
      givenUp: [],
      provider: 'cpu',
    });
  });

  it('tells its stages and frames', () => {
    expect(told[0]?.stage).toBe('prepare');
    expect(told.length).toBeGreaterThan(1);
    const stages = reported.map(({ stage }) => stage);
    expect([stages[0], stages.includes('restore')]).toEqual(['prepare', true]);
    expect(told.filter(({ stage }) => !stages.includes(stage) && stage !== 'store')).toEqual([]);
    const restoring = [...reported, ...told].filter(({ stage }) => stage === 'restore');
    expect(restoring.every(({ total }) => total === 25)).toBe(true);
  });

  it('is signed last, carries the mark of its request, and is on record by its hash and its pictures', async () => {
    const row = await world.row(id);
    expect(await manifestOfStored(row.resultSha256!)).toMatchObject({
      isOurs: true,
      state: 'valid',
      kind: 'restoration',
      markId: row.markId,
      sourceTypes: expect.arrayContaining(['compositeWithTrainedAlgorithmicMedia']) as unknown,
    });
    const made = await world.db.madeFile.findMany({ where: { requestId: id } });
    expect(made.map(({ sha256 }) => sha256)).toEqual([row.resultSha256]);
    expect(made[0]!.perceptualHashes).toContainEqual(expect.stringMatching(/^[0-9a-f]{16}$/));
    // The input had no marks.
    expect(row.inputMarks).toBeNull();
  });

  it('leaves nothing in the scratch folder and no file open', async () => {
    const [own] = await readdir(join(world.folder, 'scratch'));
    // It clears up when the end is written.
    await expect.poll(() => readdir(join(world.folder, 'scratch', own!))).toEqual([]);
    await expect.poll(() => readdir(join(world.mediaFolder, 'open'))).toEqual([]);
  });

  it('is compared with its input once, side by side and under the limit', async () => {
    const wish = { maxBytes: 400_000, labels: ['before', 'after'] as const };
    const [one, other] = await Promise.all([queue.compare(id, wish), queue.compare(id, wish)]);
    expect(other).toEqual(one);
    expect(await queue.compare(id, wish)).toEqual(one);
    const result = await probeStored(one.sha256);
    expect(result.video).toMatchObject({ width: 256, height: 96 });
    expect(result.bytes).toBeLessThanOrEqual(400_000);
    const reference = await world.db.mediaReference.findFirst({ where: { requestId: id, role: 'comparison' } });
    expect(reference?.sha256).toBe(one.sha256);
    expect(await manifestOfStored(one.sha256)).toMatchObject({ isOurs: true, state: 'valid', kind: 'comparison' });
    expect(await world.db.madeFile.count({ where: { requestId: id, sha256: one.sha256 } })).toBe(1);
  });

  it('is made smaller, and says what that cost', async () => {
    const maxBytes = Math.round(outcome.after.bytes * 0.6);
    const smaller = await queue.refit(id, maxBytes);
    expect(smaller.bytes).toBeLessThanOrEqual(maxBytes);
    const result = await probeStored(smaller.sha256);
    expect(result.bytes).toBe(smaller.bytes);
    expect(result.audio).toHaveLength(1);
    const manifest = await manifestOfStored(smaller.sha256);
    expect(manifest).toMatchObject({ isOurs: true, state: 'valid', markId: (await world.row(id)).markId });
    expect(await world.db.madeFile.count({ where: { requestId: id, sha256: smaller.sha256 } })).toBe(1);
    const after = readOutcome(smaller.outcome) as RestoreOutcome;
    expect(after.after).toMatchObject({ bytes: smaller.bytes });
    expect(after.before).toEqual(outcome.before);
    expect(after.givenUp.length).toBeGreaterThan(0);
  });

  it('cannot be made as small as nothing: that is said with its code', async () => {
    await expect(queue.refit(id, 900)).rejects.toMatchObject({ code: 'output.size-unreachable' });
  });
});

describe('a clip that was made here', () => {
  it('is known as that when it comes back, and its marks stand with the new request and in the new manifest', async () => {
    const first = await world.db.madeFile.findFirstOrThrow({ orderBy: { madeAt: 'asc' }, include: { request: true } });
    const file = await world.media.open(first.sha256);
    const input = await readFile(file.path).finally(() => file.release());
    const id = await world.add({
      input,
      userId: 'again',
      parameters: { scale: 1, fps: 'source', quality: 'fast' },
      uploadLimit: 500_000,
    });
    queue.submitted(id);
    await until(async () => ['delivering', 'failed'].includes(await stateOf(id)));
    const row = await world.row(id);
    expect(parseInputMarks(row.inputMarks)?.files).toMatchObject([
      { role: 'input', madeHere: true, manifest: { isOurs: true, state: 'valid' } },
    ]);
    const result = await world.media.open(row.resultSha256!);
    const text = await readFile(result.path, 'latin1').finally(() => result.release());
    const holds = (words: string): boolean => text.includes(words);
    expect(holds('This very file was made by this installation')).toBe(true);
    expect(holds(`urn:sha256:${first.sha256}`)).toBe(true);
    const secrets = [row.id, row.requesterId, row.guildId, row.inputName, row.interactionId];
    // A short one may stand there by chance.
    expect(secrets.filter((secret) => secret !== null && secret.length > 5 && holds(secret))).toEqual([]);
    expect(secrets.some((secret) => secret !== null && secret.length > 5)).toBe(true);
  });
});

describe('a delivery that needs a smaller file', () => {
  it('gets it, with what it cost, and goes on by itself', async () => {
    const input = await readFile(await noisyClip());
    const id = await world.add({ input, userId: 'third', parameters: { scale: 2, fps: 'source', quality: 'fast' } });
    queue.submitted(id);
    await until(async () => (await stateOf(id)) === 'delivering');
    const before = readOutcome((await world.row(id)).outcome)!;
    const sizeLimit = Math.round(before.after.bytes * 0.6);
    await world.db.delivery.update({ where: { requestId: id }, data: { state: 'refitting', sizeLimit } });
    queue.submitted(id);
    const delivery = () => world.db.delivery.findUniqueOrThrow({ where: { requestId: id } });
    await until(async () => (await delivery()).state === 'waiting');
    const row = await world.row(id);
    const after = readOutcome(row.outcome)!;
    expect(after.after.bytes).toBeLessThanOrEqual(sizeLimit);
    expect((await probeStored(row.resultSha256!)).bytes).toBe(after.after.bytes);

    await world.db.delivery.update({ where: { requestId: id }, data: { state: 'refitting', sizeLimit: 900 } });
    await until(async () => (await delivery()).state === 'kept');
    expect(await delivery()).toMatchObject({ lastProblem: 'output.size-unreachable' });
  });
});

describe('a clip that is none', () => {
  it('ends with the reason of the probe', async () => {
    const id = await world.add({ input: 'not a clip at all' });
    queue.submitted(id);
    await until(async () => (await stateOf(id)) === 'failed');
    expect((await world.row(id)).code).toMatch(/^input\./);
  });
});

describe('cancelling a real restoration', () => {
  it('ends ffmpeg and the request in the middle of the work, and gives the slot free', async () => {
    const clip = await makeClip('mp4', [...picture('testsrc2=s=320x240:r=25:d=20'), ...h264]);
    const id = await world.add({ input: await readFile(clip), userId: 'other', parameters: { scale: 4 } });
    let frames = 0;
    queue.onProgress((requestId, { stage, done }) => {
      if (requestId === id && stage === 'restore') frames = done;
    });
    queue.submitted(id);
    await until(() => frames > 0);
    // The clip and what becomes of it lie in this test's own folder, so their names are in the command lines.
    expect(processesNaming(world.folder).some(({ args }) => args.includes('ffmpeg'))).toBe(true);
    expect(await queue.cancel(id, 'member:other')).toBe('asked');
    await until(() => !processesNaming(world.folder).some(({ args }) => args.includes('ffmpeg')));
    await until(async () => (await stateOf(id)) === 'cancelled');
    // The network ends with the picture it is at, which takes as long as this machine needs for one.
    await until(async () => (await queue.overview()).workers[0]?.requests.length === 0);
    await expect.poll(() => readdir(join(world.mediaFolder, 'open'))).toEqual([]);
  });
});
