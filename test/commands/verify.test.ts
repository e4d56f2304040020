/** Files verified as members do it, after they went through Discord: by the slash command, from a message, in plain words. */
import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { fileSha256 } from '../../src/engine/file-hash.ts';
import { readManifest } from '../../src/engine/provenance/c2pa/read-manifest.ts';
import { type Identity, openIdentity } from '../../src/engine/provenance/identity.ts';
import { markFile } from '../../src/engine/provenance/marking.ts';
import { verifyProcessor } from '../../src/queue/result-processors.ts';
import { sweep } from '../../src/store/sweep.ts';
import { h264, makeClip, picture, scratchFolder, soundClip } from '../clips.ts';
import type { MemberFile } from '../fakes/discord/member/file.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import { type Bench, startBench } from './bench.ts';
import { standIns } from './stand-ins.ts';

let bench: Bench;
let identity: Identity;
let folder: string;
let made: Buffer;
/** Looks at files wait for it. */
let gate = Promise.resolve();

beforeAll(async () => {
  bench = await startBench();
  const scratch = await scratchFolder();
  folder = scratch.path;
  identity = await openIdentity(join(folder, 'keys'));
  const marking = { identity, version: '0.0.0' };
  const { processors } = standIns();
  const verify = verifyProcessor({ marking });
  await bench.work({
    ...processors,
    verify: async (work) => {
      await gate;
      return verify(work);
    },
    restore: async (work) => {
      const { input, folder: own, request } = work;
      const { outcome } = await processors.restore(work);
      const path = join(own, 'result.mp4');
      await copyFile(input, path);
      const thing = { kind: 'restoration', mediaType: 'video/mp4', edits: [], now: new Date() } as const;
      const used = [{ part: 'clip', path: input }] as const;
      const { perceptualHashes } = await markFile(
        path,
        { ...thing, ...(request.markId !== null && { markId: request.markId }) },
        { ...marking, used },
      );
      return { path, mediaType: 'video/mp4', perceptualHashes, outcome };
    },
  });
  bench.alice.slash('restore', { clip: { name: 'film.mp4', bytes: await readFile(await soundClip()) } });
  const seen = await bench.alice.sees(({ files }) => files.some(({ name }) => name === 'film.restored.mp4'), {
    within: 90_000,
  });
  made = Buffer.from(seen.files[0]!.bytes);
});
afterAll(() => bench.stop());
afterEach(() => {
  expect(bench.discord.journal.refused()).toEqual([]);
  const others = bench.troubles.filter(({ msg }) => !msg.includes('watermark.key does not bear out'));
  expect(others.map((line) => JSON.stringify(line))).toEqual([]);
});

async function asks(member: Member, file: MemberFile): Promise<string> {
  const asked = member.slash('verify', { file });
  const seen = await member.sees(({ interactionId, text }) => interactionId === asked.id && text.includes('###'), {
    within: 90_000,
  });
  expect(seen.isPrivate).toBe(true);
  return seen.text;
}

it('what was delivered is as it was signed', async () => {
  const path = join(folder, 'delivered.mp4');
  await writeFile(path, made);
  expect(await readManifest(path, 'video/mp4', { identity })).toMatchObject({ isOurs: true, state: 'valid' });
});

it('a result is known, with when and from what, and without who and where', async () => {
  const text = await asks(bench.bernard, { name: 'x.mp4', bytes: made });
  expect(text).toContain('Oui, ceci a été créé ici.');
  expect(text).toContain('C’est une vidéo restaurée');
  expect(text).toMatch(/Créé le <t:\d+:D>/);
  expect(text).toContain('tel qu’il a été créé');
  expect(text).toContain('Le journal contient ce fichier exact.');
  const request = await bench.db.request.findFirstOrThrow();
  for (const secret of [request.id, request.requesterId, bench.guild.id, 'alice']) expect(text).not.toContain(secret);
});

it('one changed byte is found', async () => {
  const changed = Buffer.from(made);
  changed[changed.length - 3000]! ^= 1;
  const text = await asks(bench.alice, { name: 'x.mp4', bytes: changed });
  expect(text).toContain('It cannot be said for certain');
  expect(text).toContain('it is not the file that was signed');
});

it("something of somebody else's shows no sign, and that is no proof", async () => {
  const clip = await makeClip('mp4', [...picture('mandelbrot=s=96x64:r=10'), '-t', '1', ...h264]);
  const text = await asks(bench.carla, { name: 'x.mp4', bytes: await readFile(clip) });
  expect(text).toContain('Nulla indica che sia stato creato qui.');
  expect(text).toContain('Questo non esclude che lo sia stato');
});

it('a file that waits for its turn is kept until then, and not longer', async () => {
  const { db, media, discord } = bench;
  let open = (): void => undefined;
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const clips = [1.3, 1.4].map((seconds) =>
    makeClip('mp4', [...picture('mandelbrot=s=96x64:r=10'), '-t', `${seconds}`, ...h264]),
  );
  const [first, second] = await Promise.all(clips.map(async (clip) => readFile(await clip)));
  // One look at a time: one of the two waits behind the other.
  const answers = [
    asks(bench.alice, { name: 'a.mp4', bytes: first! }),
    asks(bench.carla, { name: 'b.mp4', bytes: second! }),
  ];
  // By their own hashes: of others' files some may go meanwhile.
  const hashes = [first!, second!].map((bytes) => createHash('sha256').update(bytes).digest('hex'));
  await expect.poll(() => db.mediaObject.count({ where: { sha256: { in: hashes } } }), { timeout: 60_000 }).toBe(2);
  const later = (): Date => new Date(discord.clock.now() + 3_600_000);
  await sweep(db, media, { now: later() });
  open();
  expect(await Promise.all(answers)).toEqual([
    expect.stringContaining('There is no sign that this was made here.'),
    expect.stringContaining('Nulla indica che sia stato creato qui.'),
  ]);
  await bench.settled();
  await sweep(db, media, { now: later() });
  const left = await db.mediaObject.findMany({ where: { references: { none: {} } } });
  expect(left).toEqual([]);
});

it('a row that somebody wrote into the database makes nothing of it, and the operator alone is told', async () => {
  expect(bench.troubles).toEqual([]);
  const clip = await makeClip('mp4', [...picture('mandelbrot=s=96x64:r=10'), '-t', '1.2', ...h264]);
  const { id: requestId } = await bench.db.request.findFirstOrThrow();
  await bench.db.madeFile.create({ data: { requestId, sha256: await fileSha256(clip), mac: '0'.repeat(64) } });
  const text = await asks(bench.alice, { name: 'x.mp4', bytes: await readFile(clip) });
  expect(text).toContain('There is no sign that this was made here.');
  expect(text).not.toContain('log');
  expect(bench.troubles).toHaveLength(1);
});

it('is offered in the menu of every message', async () => {
  const asked = bench.carla.contextMenu(
    'Was this made here?',
    bench.alice.post('look', [{ name: 'y.mp4', bytes: made }]),
  );
  const seen = await bench.carla.sees(({ interactionId, text }) => interactionId === asked.id && text.includes('###'), {
    within: 90_000,
  });
  expect(seen.text).toContain('Sì, è stato creato qui.');
});
