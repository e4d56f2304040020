/** The other commands and the buttons as members use them: queue, cancel, result, help, about, compare, report. */
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { PermissionFlagsBits } from 'discord.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { translatorOf } from '../../src/discord/localise.ts';
import { catalogEntry } from '../../src/engine/model/catalog.ts';
import { modelFolder, networkPath, weightPath } from '../../src/engine/model/model-folder.ts';
import { chooseLanguage } from '../../src/locale.ts';
import { blockUser, liftUserBlock } from '../../src/store/blocks.ts';
import { soundClip } from '../clips.ts';
import type { MemberFile } from '../fakes/discord/member/file.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import type { SeenMessage } from '../fakes/discord/member/seen.ts';
import { type Bench, sourceAddress, startBench } from './bench.ts';
import { keptRequest } from './seed.ts';
import { standIns } from './stand-ins.ts';

let bench: Bench;
let film: MemberFile;
let moderator: Member;
const engine = standIns();

beforeAll(async () => {
  bench = await startBench();
  await bench.work(engine.processors);
  film = { name: 'film.mp4', bytes: await readFile(await soundClip()) };
  const role = bench.guild.role('moderators', PermissionFlagsBits.ManageMessages);
  moderator = bench.guild.member('mona', { roles: [role] });
});
afterAll(() => bench.stop());
afterEach(() => {
  engine.release();
  expect(bench.discord.journal.refused()).toEqual([]);
  expect(bench.troubles).toEqual([]);
});

const restore = (member: Member, name: string) => member.slash('restore', { clip: { ...film, name } });
const result = (member: Member, name: string): Promise<SeenMessage> =>
  member.sees(({ files }) => files.some((file) => file.name === name));
/** The card, once it shows what is looked for. */
const card = (member: Member, name: string, pattern: RegExp): Promise<SeenMessage> =>
  member.sees(({ text, buttons }) => text.includes(name) && pattern.test(text) && buttons.length > 0);
const stateOf = async (name: string) => (await bench.db.request.findFirstOrThrow({ where: { inputName: name } })).state;
const becomes = (name: string, state: string) => expect.poll(() => stateOf(name)).toBe(state);

describe('/queue', () => {
  it('tells whose clip stands where: one’s own by name, the others’ as counts', async () => {
    engine.hold('train.mp4');
    restore(bench.alice, 'train.mp4');
    await becomes('train.mp4', 'running');
    restore(bench.bernard, 'boat.mp4');
    await becomes('boat.mp4', 'waiting');
    restore(bench.bernard, 'bridge.mp4');
    await becomes('bridge.mp4', 'waiting');
    await card(bench.bernard, 'bridge.mp4', /Numéro 2/);

    const reads = async (member: Member): Promise<string> => {
      const said = await member.slash('queue').answer();
      expect(said.isPrivate).toBe(true);
      return said.text.replaceAll(/<t:\d+:R>/g, '<t>').replaceAll(/\d+h \d+m of (?=\d)/g, '<left> of ');
    };
    // How things stand may be a second old.
    await expect
      .poll(() => reads(bench.alice), { interval: 300 })
      .toBe(
        [
          '### The queue',
          '- **train.mp4** · Having a look 0 % · ready <t>',
          '-# On this server: 1 running, 2 waiting',
          '-# In all: 1 running, 2 waiting',
          '-# 1 machine is at work',
          '-# Requests left to you: 19 of 20 · computing: <left> of 2h 00m',
          '-# Requests left to this server: 97 of 100 · computing: <left> of 10h 00m',
        ].join('\n'),
      );
    const french = await reads(bench.bernard);
    expect(french).toMatch(/^### La file\n- \*\*boat\.mp4\*\* · .*commence <t> · .*<t>\n- \*\*bridge\.mp4\*\* · /);
    expect(french).toContain('Sur ce serveur : 1 en cours, 2 en attente');
    const italian = await reads(bench.carla);
    expect(italian).toMatch(/^### La coda\nNon hai nulla in attesa o in corso\./);
    expect(italian).not.toContain('train.mp4');
    engine.release();
    for (const [member, name] of [
      [bench.alice, 'train'],
      [bench.bernard, 'boat'],
      [bench.bernard, 'bridge'],
    ] as const) {
      await result(member, `${name}.restored.mp4`);
    }
  });

  it('says nothing of another server’s clips but how many there are in all', async () => {
    engine.hold('here.mp4');
    restore(bench.alice, 'here.mp4');
    await becomes('here.mp4', 'running');
    const elsewhere = bench.discord.guild('Other films');
    elsewhere.channel('hall');
    const zoe = elsewhere.member('zoe');
    // How things stand may be a second old.
    const read = async (): Promise<string> => (await zoe.slash('queue').answer()).text;
    await expect.poll(read, { interval: 300 }).toContain('In all: 1 running, 0 waiting');
    expect(await read()).toContain('On this server: 0 running, 0 waiting');
    expect(await read()).not.toContain('here.mp4');
    engine.release();
    await result(bench.alice, 'here.restored.mp4');
  });
});

describe('cancelling', () => {
  it('one’s own that runs, by the button: the card says so and no other message comes', async () => {
    engine.hold('fermami.mp4');
    const asked = restore(bench.carla, 'fermami.mp4');
    await becomes('fermami.mp4', 'running');
    const seen = await card(bench.carla, 'fermami.mp4', /./);
    const pressed = bench.carla.click('Annulla', seen);
    await pressed.acknowledged();
    await becomes('fermami.mp4', 'cancelled');
    const last = await bench.carla.sees(
      ({ interactionId, text }) => interactionId === asked.id && text.includes('Annullato'),
    );
    expect(last.buttons).toEqual([]);
    expect(pressed.messages()).toEqual([]);
  });

  it('one’s own that waits, by the command, from the list that is offered', async () => {
    engine.hold('first.mp4');
    restore(bench.alice, 'first.mp4');
    await becomes('first.mp4', 'running');
    restore(bench.alice, 'second.mp4');
    await becomes('second.mp4', 'waiting');
    restore(bench.bernard, 'his.mp4');
    await becomes('his.mp4', 'waiting');
    const offered = await bench.alice.autocomplete('cancel', 'clip', '');
    expect(offered.map(({ name }) => name)).toEqual([
      'first.mp4 · now · Having a look 0 %',
      expect.stringMatching(/^second\.mp4 · now · /),
    ]);
    expect((await bench.alice.autocomplete('cancel', 'clip', 'SEC')).map(({ value }) => value)).toEqual([
      offered[1]?.value,
    ]);
    const said = await bench.alice.slash('cancel', { clip: offered[1]!.value as string }).answer();
    expect([said.isPrivate, said.text]).toEqual([true, 'Cancelled: second.mp4']);
    expect(await stateOf('second.mp4')).toBe('cancelled');
    const running = await bench.alice.slash('cancel', { clip: offered[0]!.value as string }).answer();
    expect(running.text).toBe('Stopping first.mp4: it ends in a moment.');
    await becomes('first.mp4', 'cancelled');
    engine.release();
    await result(bench.bernard, 'his.restored.mp4');
  });

  it('those of a member who is blocked: the channel reads that it was stopped, not why', async () => {
    const { bernard, carla, guild, db } = bench;
    const dave = guild.member('dave');
    engine.hold('before.mp4');
    restore(bench.alice, 'before.mp4');
    await becomes('before.mp4', 'running');
    const by = { moderatorId: moderator.id, reason: 'test', now: new Date() };
    for (const [member, name, words] of [
      [dave, 'shown.mp4', '### Stopped\nNothing of it is kept.\n-# shown.mp4'],
      [bernard, 'montre.mp4', '### Arrêté\nRien n’en est conservé.\n-# montre.mp4'],
      [carla, 'mostra.mp4', '### Fermato\nNon ne viene conservato nulla.\n-# mostra.mp4'],
    ] as const) {
      restore(member, name);
      await becomes(name, 'waiting');
      await blockUser(db, { userId: member.id, guildId: guild.id }, by);
      const said = await bench.alice.sees(({ text }) => text === words);
      expect([said.isPrivate, said.buttons]).toEqual([false, []]);
      await liftUserBlock(db, { userId: member.id, guildId: guild.id }, by);
    }
    engine.release();
    await result(bench.alice, 'before.restored.mp4');
  });

  it('somebody else’s: for who moderates one channel there alone', async () => {
    const lobby = bench.guild.channel('lobby');
    const nora = bench.guild.member('nora');
    const allow = PermissionFlagsBits.ManageMessages;
    lobby.overwrites.set(nora.id, { id: nora.id, type: 'user', allow, deny: 0n });
    engine.hold('elsewhere.mp4');
    restore(bench.alice, 'elsewhere.mp4');
    await becomes('elsewhere.mp4', 'running');
    bench.alice.goTo(lobby);
    restore(bench.alice, 'in-the-lobby.mp4');
    await becomes('in-the-lobby.mp4', 'waiting');
    bench.alice.goTo(bench.guild.channel('screening'));

    nora.goTo(lobby);
    const offered = await nora.autocomplete('cancel', 'clip', '');
    expect(offered.map(({ name }) => name)).toEqual([expect.stringMatching(/^in-the-lobby\.mp4/)]);
    const { id } = await bench.db.request.findFirstOrThrow({ where: { inputName: 'elsewhere.mp4' } });
    expect((await nora.slash('cancel', { clip: id }).answer()).text).toMatch(/^Only the member who asked/);
    await nora.slash('cancel', { clip: offered[0]!.value as string }).answer();
    expect([await stateOf('in-the-lobby.mp4'), await stateOf('elsewhere.mp4')]).toEqual(['cancelled', 'running']);
    engine.release();
    await result(bench.alice, 'elsewhere.restored.mp4');
  });

  it('somebody else’s: not for a member, who reads why; for a moderator, who is offered all of the server', async () => {
    engine.hold('disputed.mp4');
    restore(bench.alice, 'disputed.mp4');
    await becomes('disputed.mp4', 'running');
    const seen = await card(bench.bernard, 'disputed.mp4', /./);
    const refused = await bench.bernard.click('Cancel', seen).answer();
    expect([refused.isPrivate, refused.text]).toEqual([
      true,
      'Seule la personne qui a fait la demande, ou la modération de ce serveur, peut faire cela.',
    ]);
    expect(await stateOf('disputed.mp4')).toBe('running');
    expect(await bench.bernard.autocomplete('cancel', 'clip', '')).toEqual([]);
    const [offered] = await moderator.autocomplete('cancel', 'clip', 'disputed');
    await moderator.slash('cancel', { clip: offered!.value as string }).answer();
    await becomes('disputed.mp4', 'cancelled');
    const { id, events } = await bench.db.request.findFirstOrThrow({
      where: { inputName: 'disputed.mp4' },
      include: { events: { orderBy: { id: 'asc' } } },
    });
    expect(events.at(-1)).toMatchObject({ to: 'cancelled', code: 'queue.deleted-by-moderator' });
    const said = await bench.alice.sees(
      ({ text }) => text.includes('by a moderator of the server') && text.includes('disputed.mp4'),
    );
    expect(said.text).not.toContain('does not count'); // it had been computed at
    const actions = await bench.db.moderatorAction.findMany({ where: { requestId: id } });
    expect(actions).toMatchObject([{ kind: 'deleteResult', moderatorId: moderator.id, detail: { stopped: true } }]);
  });
});

describe('/result', () => {
  it('sends one’s own again, to nobody else unless that is asked', async () => {
    const id = await keptRequest(bench, bench.alice, { name: 'again.mp4' });
    const [offered] = await bench.alice.autocomplete('result', 'clip', 'again');
    const why = 'not delivered: your direct messages are closed to me';
    expect(offered).toEqual({ name: `again.mp4 · now · ${why}`, value: id });
    expect(await bench.bernard.autocomplete('result', 'clip', 'again')).toEqual([]);
    const asked = bench.alice.slash('result', { clip: id });
    const mine = await result(bench.alice, 'again.restored.mp4');
    expect([mine.isPrivate, mine.interactionId, mine.files[0]?.size]).toEqual([true, asked.id, film.bytes.length]);
    expect(mine.text).toContain(why);
    await expect.poll(() => stateOf('again.mp4')).toBe('delivered');
    expect((await bench.alice.autocomplete('result', 'clip', 'again'))[0]?.name).toBe('again.mp4 · now');

    bench.alice.slash('result', { clip: id, to: 'channel' });
    const everybodys = await bench.bernard.sees(({ files }) => files.some(({ name }) => name === 'again.restored.mp4'));
    expect(everybodys.isPrivate).toBe(false);
  });

  it('writes it to them directly', async () => {
    const id = await keptRequest(bench, bench.carla, { name: 'diretto.mp4' });
    const asked = bench.carla.slash('result', { clip: id, to: 'Un messaggio privato' });
    const sent = await bench.carla.sees(({ files }) => files.length > 0, { in: 'direct messages' });
    expect(sent.files[0]?.name).toBe('diretto.restored.mp4');
    expect((await asked.answer()).text).toBe('Te l’ho inviato in un messaggio privato.');
    // Sent again because no word came back, it is one message all the same.
    const { body } = bench.discord.journal.requests('create_message').at(-1)!;
    expect(body).toMatchObject({ nonce: asked.id, enforce_nonce: true });
  });
});

describe('the buttons of a result', () => {
  it('Compare shows before and after to whoever presses, and is made once', async () => {
    restore(bench.alice, 'compared.mp4');
    const seen = await result(bench.alice, 'compared.restored.mp4');
    const before = engine.compared.length;
    for (const member of [bench.bernard, bench.alice]) {
      const pressed = member.click(seen.buttons[0]!.customId!, seen);
      const shown = await member.sees(
        ({ interactionId, files }) => interactionId === pressed.id && files.length > 0,
        {},
      );
      expect([shown.isPrivate, shown.files[0]?.name]).toEqual([true, 'compared.compared.mp4']);
    }
    expect(engine.compared.slice(before)).toHaveLength(1);
    const media = await bench.db.mediaReference.findMany({ where: { request: { inputName: 'compared.mp4' } } });
    expect(media.map(({ role }) => role).sort()).toEqual(['comparison', 'input', 'result']);
  });

  it('Compare does no work for somebody who is blocked', async () => {
    restore(bench.alice, 'blocked.mp4');
    const seen = await result(bench.alice, 'blocked.restored.mp4');
    const dave = bench.guild.member('dave');
    const by = { moderatorId: moderator.id, reason: 'test', now: new Date() };
    await blockUser(bench.db, { userId: dave.id, guildId: bench.guild.id }, by);
    const before = engine.compared.length;
    const said = await dave.click('Compare', seen).answer();
    expect([said.isPrivate, said.text.split('.')[0]]).toEqual([
      true,
      'A moderator has blocked you from using Lumière on this server',
    ]);
    expect(engine.compared).toHaveLength(before);
  });

  it('Report asks for a reason, thanks in private, and is taken once from each member', async () => {
    restore(bench.alice, 'reported.mp4');
    const seen = await result(bench.bernard, 'reported.restored.mp4');
    const button = seen.buttons[1]!.customId!;
    const said: string[] = [];
    for (const [member, reason] of [
      [bench.bernard, 'On reconnaît mon voisin.'],
      [bench.bernard, 'Encore.'],
      [bench.carla, 'Non mi piace.'],
    ] as const) {
      const pressed = member.click(button, seen);
      await pressed.modal();
      const answer = await (await member.submitModal(pressed, { reason })).answer();
      expect(answer.isPrivate).toBe(true);
      said.push(answer.text);
    }
    expect(said).toEqual([
      'Merci. La modération va s’en occuper.',
      'Vous l’avez déjà signalé. Merci : la modération l’a reçu.',
      'Grazie. La moderazione lo esaminerà.',
    ]);
    const reports = await bench.db.report.findMany({ where: { request: { inputName: 'reported.mp4' } } });
    expect(reports.map(({ reporterId, reason, state }) => [reporterId, reason, state]).sort()).toEqual(
      [
        [bench.bernard.id, 'On reconnaît mon voisin.', 'open'],
        [bench.carla.id, 'Non mi piace.', 'open'],
      ].sort(),
    );
  });
});

describe('/help and /about', () => {
  it.each([
    [
      'alice',
      '### Old clips made new, portraits brought to life',
      '**/restore** with a video',
      'Here: clips up to 5m 00s and 100 MiB, 20 a day.',
    ],
    [
      'bernard',
      '### Les vieux films remis à neuf, les portraits animés',
      '**/restaurer** avec une vidéo',
      'Ici : des clips jusqu’à 5m 00s et 100 MiB, 20 par jour.',
    ],
    [
      'carla',
      '### Vecchi filmati rimessi a nuovo, ritratti animati',
      '**/restaura** con un video',
      'Qui: filmati fino a 5m 00s e 100 MiB, 20 al giorno.',
    ],
  ] as const)('%s reads what there is, under the names they know', async (name, title, first, limits) => {
    const said = await bench[name].slash('help').answer();
    expect(said.isPrivate).toBe(true);
    expect(said.text.startsWith(title)).toBe(true);
    expect(said.text).toContain(first);
    for (const command of ['consent', 'privacy', 'verify', 'verify-message', 'report-message']) {
      expect(said.text).toContain(translatorOf(chooseLanguage([bench[name].user.locale]))(`command.${command}.name`));
    }
    expect(said.text.endsWith(`-# ${limits}`)).toBe(true);
    expect(said.text).not.toMatch(/\$t|\{\{/);
  });

  it.each([
    ['alice', 'frames between', '72 hours', '90 days', 'looks whether a picture is sexual'],
    ['bernard', 'images intermédiaires', '72 heures', '90 jours', 'regarde si une image est sexuelle'],
    ['carla', 'fotogrammi intermedi', '72 ore', '90 giorni', 'guarda se un’immagine è sessuale'],
  ] as const)('%s reads which models there are and what is stored', async (name, role, hours, days, judges) => {
    const said = await bench[name].slash('about').answer();
    expect(said.isPrivate).toBe(true);
    expect(said.text).toMatch(new RegExp(`RIFE v4\\.6 ?: ${role} \\(MIT, Zhewei Huang \\(hzwer\\)\\)`));
    expect(said.text).toContain(hours);
    expect(said.text.split(days)).toHaveLength(3);
    expect(said.text).toContain(judges);
    expect(said.text).not.toMatch(/waifu2x|LivePortrait/);
    expect(said.text).toContain(sourceAddress);
    expect(said.text).not.toMatch(/\$t|\{\{|about\./);
  });

  it('tells of a model that the operator installed beside the others', async () => {
    const folder = modelFolder(bench.modelsDir, catalogEntry('cunet-x2'));
    const network = (await networkPath(folder))!;
    await mkdir(folder.path);
    for (const file of folder.entry.files) {
      await writeFile(weightPath(folder, file), '');
      await truncate(weightPath(folder, file), file.bytes!);
    }
    for (const path of [network, `${network}.sha256`]) await writeFile(path, 'of no meaning here');
    const said = await bench.alice.slash('about').answer();
    expect(said.text).toContain('waifu2x cunet x2: enlarging (MIT');
  });
});
