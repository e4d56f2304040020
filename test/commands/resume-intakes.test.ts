/** A bot that ended while it fetched clips: the next one goes on where it can, and asks again where it cannot. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { resumeIntakes } from '../../src/commands/index.ts';
import { inTransaction } from '../../src/store/database.ts';
import { addReference } from '../../src/store/media-references.ts';
import { requestsTakenIn } from '../../src/store/member-requests.ts';
import { soundClip } from '../clips.ts';
import type { Asked } from '../fakes/discord/member/ask.ts';
import type { MemberFile } from '../fakes/discord/member/file.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import { type Bench, startBench } from './bench.ts';
import { standIns } from './stand-ins.ts';

let bench: Bench;
let film: MemberFile;

beforeAll(async () => {
  bench = await startBench();
  await bench.work(standIns().processors);
  film = { name: 'film.mp4', bytes: await readFile(await soundClip()) };
});
afterAll(() => bench.stop());
afterEach(() => {
  expect(bench.discord.journal.refused()).toEqual([]);
  expect(bench.troubles).toEqual([]);
});

/** A request whose clip never comes: its fetching has a while yet to hang, as in a process that is no more. */
async function hanging(member: Member, isPrivate = false): Promise<{ readonly asked: Asked; readonly id: string }> {
  const clip = { ...film, fault: { kind: 'stall', bytes: 100 } as const };
  const asked = member.slash('restore', { clip, private: isPrivate });
  await asked.acknowledged();
  const find = () => bench.db.request.findUnique({ where: { interactionId: asked.id }, include: { reply: true } });
  await expect.poll(async () => (await find())?.reply?.messageId ?? null).not.toBeNull();
  const { id } = (await find())!;
  const file = await fileOf(id);
  await expect.poll(() => bench.discord.cdn.downloads.get(file)).toBe(1);
  return { asked, id };
}

/** As the process before had done it, just before it ended. */
async function fetched(requestId: string): Promise<void> {
  const mediaType = 'video/mp4';
  const file = await bench.media.put({ path: await soundClip() }, { mediaType });
  const reference = { requestId, role: 'input', ...file, mediaType, expiresAt: null } as const;
  await inTransaction(bench.db, (tx) => addReference(tx, reference));
}

const fileOf = async (requestId: string): Promise<string> => {
  const { url } = await bench.db.mediaSource.findFirstOrThrow({ where: { requestId } });
  return new URL(url).pathname.split('/')[3]!;
};

/** The fetching that hangs comes to its end, with nothing. */
async function giveUp(file: string): Promise<void> {
  bench.discord.cdn.plant(file, { kind: 'status', status: 404 });
  bench.discord.cdn.cutStalled(file);
  await bench.settled();
}

const resume = (): Promise<number> => resumeIntakes(bench.services, { modelsDir: bench.modelsDir });
const stateOf = async (id: string) => (await bench.db.request.findUniqueOrThrow({ where: { id } })).state;

it('goes on with a clip that is there, whatever the process before still does', async () => {
  const { asked, id } = await hanging(bench.alice);
  await fetched(id);
  expect(await resume()).toBe(1);
  const seen = await bench.alice.sees(({ files }) => files.length > 0);
  expect(seen.interactionId).toBe(asked.id);
  // The fetching that hung is stopped by now, and must not take the result's quota or files away.
  await bench.settled();
  await expect.poll(() => stateOf(id)).toBe('delivered');
  expect(asked.messages()).toHaveLength(1);
  const { quota, media } = await bench.db.request.findUniqueOrThrow({
    where: { id },
    include: { quota: true, media: true },
  });
  expect([quota?.state, media.map(({ role }) => role).sort()]).toEqual(['settled', ['input', 'result']]);
});

it('fetches a clip again from where it was, and forgets the address once it has it', async () => {
  const { asked, id } = await hanging(bench.alice);
  const left = await requestsTakenIn(bench.db, new Date(bench.discord.clock.now()));
  // Comes to its end from now on.
  bench.discord.cdn.plant(await fileOf(id), { kind: 'lying length', length: film.bytes.length });
  expect(await resumeIntakes(bench.services, { modelsDir: bench.modelsDir, left })).toBe(1);
  expect(await bench.db.request.findUnique({ where: { id }, include: { sources: true } })).toMatchObject({
    inputBytes: film.bytes.length,
    sources: [],
  });
  const seen = await bench.alice.sees(({ files, interactionId }) => files.length > 0 && interactionId === asked.id, {});
  expect(seen.isLoading).toBe(false);
  await bench.settled();
  await expect.poll(() => stateOf(id)).toBe('delivered');
  expect(asked.messages()).toHaveLength(1);
});

it('leaves a clip to the next start when it is stopped itself', async () => {
  const { id } = await hanging(bench.alice);
  expect(await resumeIntakes(bench.services, { modelsDir: bench.modelsDir, signal: AbortSignal.abort() })).toBe(1);
  expect(await stateOf(id)).toBe('received');
  await bench.queue.cancel(id, 'member:1');
  await bench.settled();
});

it('does not go on fetching a clip whose member stops it', async () => {
  const { id } = await hanging(bench.alice);
  const file = await fileOf(id);
  await bench.queue.cancel(id, 'member:1');
  await bench.settled();
  expect([await stateOf(id), bench.discord.cdn.downloads.get(file)]).toEqual(['cancelled', 1]);
});

it('asks for a clip that is not there again, once, in the place of the first answer', async () => {
  const { asked, id } = await hanging(bench.bernard);
  const file = await fileOf(id);
  bench.discord.cdn.plant(file, { kind: 'status', status: 404 });
  expect(await resume()).toBe(1);
  const said = await bench.bernard.sees(/Ce clip n’a pas pu être restauré/);
  expect(said.interactionId).toBe(asked.id);
  expect(said.text).toContain('Le fichier n’est plus conservé ici');
  expect(await resume()).toBe(0);
  await giveUp(file);
  expect([await stateOf(id), asked.messages().length]).toEqual(['failed', 1]);
});

it.each([false, true])(
  'refuses what must be refused to the member alone; private from the first: %s',
  async (isPrivate) => {
    const { asked, id } = await hanging(bench.carla, isPrivate);
    const file = await fileOf(id);
    await fetched(id);
    bench.setLimits({ userComputeSecondsPerDay: 1 });
    expect(await resume()).toBe(1);
    bench.setLimits({});
    const said = await bench.carla.sees(/Questo filmato richiederebbe/);
    expect([said.isPrivate, said.interactionId]).toEqual([true, asked.id]);
    expect(asked.messages()).toHaveLength(1);
    expect(await stateOf(id)).toBe('refused');
    await giveUp(file);
    expect(asked.messages()).toHaveLength(1);
  },
);
