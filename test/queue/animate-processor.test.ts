/** The real work of `/animate` in the queue: a drawn face looked at, animated with the real networks, and made smaller. */
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { faceModels } from '../../src/engine/animate/face/networks.ts';
import { probe } from '../../src/engine/media/probe.ts';
import { openIdentity } from '../../src/engine/provenance/identity.ts';
import { animateProcessor, lookProcessor } from '../../src/queue/animate-processor.ts';
import type { JobProgress } from '../../src/queue/job.ts';
import type { Processors } from '../../src/queue/processor.ts';
import { type AnimateOutcome, readOutcome } from '../../src/queue/outcome.ts';
import type { JobQueue } from '../../src/queue/queue.ts';
import { refitProcessor } from '../../src/queue/result-processors.ts';
import { cartoon } from '../engine/animate/face/drawings.ts';
import { installForTest, testModelCache } from '../models.ts';
import { openWorld, type QueueWorld, until } from './world.ts';

let world: QueueWorld;
let queue: JobQueue;
let drawn: Buffer;
/** Of the animation that is made here, as they were reported. */
const stages = new Set<JobProgress['stage']>();

beforeAll(async () => {
  for (const id of faceModels) await installForTest(id);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512">${cartoon}</svg>`;
  drawn = await sharp(Buffer.from(svg)).resize(256).jpeg({ quality: 95 }).toBuffer();
  world = await openWorld();
  queue = await world.queue();
  const machine = { modelsDir: testModelCache, providers: ['cpu'] } as const;
  const identity = await openIdentity(join(world.folder, 'keys'));
  const marking = { identity, version: '0.0.0' };
  const settings = { machine, label: (locale: string) => `in ${locale}`, marking };
  const refit = refitProcessor({ marking });
  const animate = animateProcessor(settings);
  const heard: Processors['animate'] = (work) =>
    animate({
      ...work,
      progress: {
        ...work.progress,
        update: (stage, ...counts) => {
          if (work.request.requesterId === 'moves') stages.add(stage);
          work.progress.update(stage, ...counts);
        },
      },
    });
  await world.worker({ animate: heard, look: lookProcessor(settings), refit });
});
afterAll(() => world.close());

async function probeStored(sha256: string) {
  const file = await world.media.open(sha256);
  try {
    return await probe(file.path);
  } finally {
    await file.release();
  }
}

describe('a photograph', () => {
  it('is looked at: its faces, what it will cost, and a preview that is kept', async () => {
    const id = await world.add({ input: drawn, animation: {}, userId: 'looks' });
    const findings = await queue.look(id);
    expect(findings).toMatchObject({ version: 1, faces: [1], seconds: 8 });
    expect(findings.predictedSeconds).toBeGreaterThan(1);
    const kept = await world.db.mediaReference.findFirstOrThrow({ where: { requestId: id, role: 'preview' } });
    const preview = await world.media.open(kept.sha256);
    expect(await sharp(preview.path).metadata()).toMatchObject({ format: 'jpeg', width: 256 });
    await preview.release();
    await queue.cancel(id, 'member:looks');
  });

  it('without a face is refused by its code', async () => {
    const input = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#567' } })
      .png()
      .toBuffer();
    const id = await world.add({ input, animation: {}, userId: 'faceless' });
    await expect(queue.look(id)).rejects.toMatchObject({ code: 'face.none' });
  });
});

describe('an animation', () => {
  let id: string;
  let outcome: AnimateOutcome;

  beforeAll(async () => {
    id = await world.add({ input: drawn, animation: { motion: 'nod', format: 'gif' }, userId: 'moves' });
    queue.submitted(id);
    await until(async () => ['delivering', 'failed'].includes((await world.row(id)).state));
    outcome = readOutcome((await world.row(id)).outcome) as AnimateOutcome;
  });

  it('comes out as asked, says how real it looks, and keeps nothing of what it was made from', async () => {
    const row = await world.row(id);
    expect(row).toMatchObject({ state: 'delivering', code: null });
    const result = await probeStored(row.resultSha256!);
    expect(result.video).toMatchObject({ width: 256, height: 256 });
    expect(outcome).toMatchObject({ command: 'animate', after: { width: 256, height: 256, bytes: result.bytes } });
    expect(outcome.realism!.score).toBeGreaterThan(0);
    expect([...stages].slice(0, 2)).toEqual(['prepare', 'animate']);
    const kept = await world.db.mediaReference.findMany({ where: { requestId: id }, include: { object: true } });
    expect(kept.map(({ role, object }) => [role, object.mediaType])).toEqual([['result', 'image/gif']]);
  });

  it('too large for its place becomes an MP4 under the limit, and says what that cost', async () => {
    const maxBytes = 40_000;
    const smaller = await queue.refit(id, maxBytes);
    expect(smaller.bytes).toBeLessThanOrEqual(maxBytes);
    const result = await probeStored(smaller.sha256);
    expect(result.video.codec).toBe('h264');
    expect(smaller.outcome).toMatchObject({ command: 'animate', after: { bytes: smaller.bytes } });
    expect((readOutcome(smaller.outcome) as AnimateOutcome).realism).toEqual(outcome.realism);
  });

  it('has nothing to be compared with', async () => {
    await expect(queue.compare(id, { maxBytes: 1e6, labels: ['a', 'b'] })).rejects.toThrow();
  });
});
