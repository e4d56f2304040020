/** A clip restored as members ask for it: by the slash command and from a message, in each language, with every option. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { makeClip, picture, soundClip } from '../clips.ts';
import type { MemberFile } from '../fakes/discord/member/file.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import { type Bench, startBench } from './bench.ts';
import { standIns } from './stand-ins.ts';

let bench: Bench;
let film: MemberFile;
const { processors } = standIns();

beforeAll(async () => {
  bench = await startBench();
  await bench.work(processors);
  film = { name: 'film.mp4', bytes: await readFile(await soundClip()) };
});
afterAll(() => bench.stop());
afterEach(() => {
  expect(bench.discord.journal.refused()).toEqual([]);
  expect(bench.troubles).toEqual([]);
});

const lastRequest = () => bench.db.request.findFirstOrThrow({ orderBy: { id: 'desc' }, include: { reply: true } });
const result = (member: Member, name: string) => member.sees(({ files }) => files.some((file) => file.name === name));

describe('/restore', () => {
  it.each(['alice', 'bernard', 'carla'] as const)('answers %s at once, and with the clip in the end', async (name) => {
    const member = bench[name];
    const asked = member.slash('restore', { clip: { ...film, name: `of-${name}.mp4` } });
    await asked.acknowledged();
    const seen = await result(member, `of-${name}.restored.mp4`);
    expect(seen.interactionId).toBe(asked.id);
    expect(seen.isPrivate).toBe(false);
    expect(seen.files[0]?.bytes).toEqual(film.bytes);
    expect(seen.buttons.map(({ customId }) => customId?.split(':')[0])).toEqual(['compare', 'report']);
  });

  it('is remembered with what was asked, seen and predicted', async () => {
    await bench.alice.slash('restore', { clip: film }).acknowledged();
    await result(bench.alice, 'film.restored.mp4');
    const request = await lastRequest();
    expect(request).toMatchObject({
      command: 'restore',
      guildId: bench.guild.id,
      channelId: bench.guild.channel('screening').id,
      requesterId: bench.alice.id,
      locale: 'en-GB',
      inputName: 'film.mp4',
      inputBytes: film.bytes.length,
      inputSeconds: 1,
      parameters: { version: 1, command: 'restore', scale: 4, fps: 'auto', look: 'film', quality: 'balanced' },
      reply: { isPrivate: false, isSpoiler: false, uploadLimit: 10 * 2 ** 20 },
    });
    // 25 frames of 64x48 on two cores: a second or so of networks, and two to begin.
    expect(request.predictedSeconds).toBeGreaterThan(2);
    expect(request.predictedSeconds).toBeLessThan(10);
    expect(await bench.db.user.findUnique({ where: { id: bench.alice.id } })).toMatchObject({ locale: 'en-GB' });
  });

  it('takes every option, under the names of each language', async () => {
    const options = {
      scale: '2× : deux fois plus grand',
      fps: '30',
      look: 'Fidèle : n’ajoute rien',
      quality: 'Rapide',
      grain: true,
      sound: 'Sans son',
    };
    bench.bernard.slash('restore', {
      clip: { ...film, name: 'options.mp4' },
      ...options,
      spoiler: true,
      private: true,
    });
    const seen = await result(bench.bernard, 'options.restored.mp4');
    expect([seen.isPrivate, seen.files[0]?.isSpoiler]).toEqual([true, true]);
    expect(bench.alice.messagesSeen().filter(({ id }) => id === seen.id)).toEqual([]);
    const { parameters, reply } = await lastRequest();
    expect(parameters).toEqual({
      version: 1,
      command: 'restore',
      scale: 2,
      fps: 30,
      look: 'faithful',
      quality: 'fast',
      grain: true,
      sound: 'none',
    });
    expect(reply).toMatchObject({ isPrivate: true, isSpoiler: true });
  });

  it('offers rates while one types, in the language of the member', async () => {
    const offered = await bench.carla.autocomplete('restore', 'fps', '');
    expect(offered.slice(0, 3)).toEqual([
      { name: 'Fluido: 60, o la frequenza del filmato, se è più alta', value: 'auto' },
      { name: 'Com’è stato girato: nessun fotogramma intermedio', value: 'source' },
      { name: '60 fotogrammi al secondo', value: '60' },
    ]);
    expect(await bench.alice.autocomplete('restore', 'fps', '48')).toEqual([
      { name: '48 frames a second', value: '48' },
    ]);
  });

  it.each(['gif', 'webp'])('takes an animated %s', async (ending) => {
    const path = await makeClip(ending, [...picture('testsrc2=s=64x48:r=10:d=1'), '-loop', '0']);
    bench.alice.slash('restore', { clip: { name: `moving-${ending}.${ending}`, bytes: await readFile(path) } });
    await result(bench.alice, `moving-${ending}.restored.mp4`);
    expect(await lastRequest()).toMatchObject({ inputName: `moving-${ending}.${ending}`, inputSeconds: 1 });
  });

  it('works in direct messages, where there is no guild', async () => {
    bench.carla.goTo('direct messages');
    bench.carla.slash('restore', { clip: { ...film, name: 'direct.mp4' } });
    await result(bench.carla, 'direct.restored.mp4');
    expect(await lastRequest()).toMatchObject({ guildId: null, requesterId: bench.carla.id });
    bench.carla.goTo(bench.guild.channel('screening'));
  });

  it('told twice of the same interaction, makes one request and one answer', async () => {
    const before = await bench.db.request.count();
    const told: unknown[] = [];
    const { client } = bench;
    client.on('raw', (packet: { readonly t: string | null }) => {
      if (packet.t !== 'INTERACTION_CREATE' || told.length > 0) return;
      told.push(packet);
      // As the gateway does when a session is resumed and it does not know what had arrived.
      (client.ws as unknown as { handlePacket: (packet: unknown, shard: unknown) => void }).handlePacket(
        packet,
        client.ws.shards.first(),
      );
    });
    const asked = bench.alice.slash('restore', { clip: { ...film, name: 'twice.mp4' } });
    await result(bench.alice, 'twice.restored.mp4');
    expect(told).toHaveLength(1);
    expect(await bench.db.request.count()).toBe(before + 1);
    expect(asked.messages()).toHaveLength(1);
    client.removeAllListeners('raw');
  });
});

describe('Restore this clip', () => {
  it('restores the one clip of a message, for whoever asks', async () => {
    const post = bench.alice.post('look at this', [{ ...film, name: 'posted.mp4' }]);
    bench.bernard.contextMenu('Restore this clip', post);
    const seen = await result(bench.bernard, 'posted.restored.mp4');
    expect(seen.isPrivate).toBe(false);
    expect(await lastRequest()).toMatchObject({ requesterId: bench.bernard.id, inputName: 'posted.mp4' });
  });

  it('follows a link to a clip on Discord', async () => {
    const source = bench.alice.post('', [{ ...film, name: 'linked.mp4' }]);
    const post = bench.carla.post(`do you know this one? <${source.files[0]!.url}>`);
    bench.carla.contextMenu('Restore this clip', post);
    await result(bench.carla, 'linked.restored.mp4');
  });

  it('asks which, in private, when there are several, and takes another one later', async () => {
    const names = ['one.mp4', 'two.mp4', 'three.gif'];
    const files = names.map((name) => ({ ...film, name }));
    const post = bench.alice.post('', [...files, { name: 'photo.jpg', bytes: film.bytes }]);
    const asked = bench.bernard.contextMenu('Restore this clip', post);
    const question = await asked.answer();
    expect(question.isPrivate).toBe(true);
    expect(question.text).toBe('### Quel clip dois-je restaurer ?');
    expect(question.selects[0]).toMatchObject({ placeholder: 'Choisissez un clip' });
    expect(question.selects[0]?.options.map(({ label }) => label)).toEqual([
      '1. one.mp4',
      '2. two.mp4',
      '3. three.gif',
    ]);
    bench.bernard.select('Choisissez un clip', ['1'], question);
    await result(bench.bernard, 'two.restored.mp4');
    bench.bernard.select('Choisissez un clip', ['0'], question);
    await result(bench.bernard, 'one.restored.mp4');
  });

  it('says in private when there is no clip', async () => {
    const post = bench.alice.post('only words', [{ name: 'photo.jpg', bytes: film.bytes }]);
    const said = await bench.carla.contextMenu('Restore this clip', post).answer();
    expect([said.isPrivate, said.text]).toEqual([
      true,
      'Non vedo filmati in quel messaggio. Posso restaurare un video, una GIF animata o un WebP animato, o un link Discord che vi porti.',
    ]);
  });
});
