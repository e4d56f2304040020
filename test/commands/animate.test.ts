/** A photograph animated as members ask for it: whose face it is, which of several, from a command and from a message. */
import { readFile } from 'node:fs/promises';
import { InteractionResponseType } from 'discord.js';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { resumeIntakes } from '../../src/commands/index.ts';
import type { Findings } from '../../src/queue/findings.ts';
import { liftUserBlock } from '../../src/store/blocks.ts';
import { inTransaction } from '../../src/store/database.ts';
import { changeGuildSettings } from '../../src/store/guild-settings.ts';
import { addReference } from '../../src/store/media-references.ts';
import { changeState } from '../../src/store/requests.ts';
import { soundClip } from '../clips.ts';
import type { MemberFile } from '../fakes/discord/member/file.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import { type Bench, startBench } from './bench.ts';
import { standIns } from './stand-ins.ts';

let bench: Bench;
let photo: MemberFile;
let film: MemberFile;
let worker: Awaited<ReturnType<Bench['work']>>;
const { processors, setFaces, animated, hold, holdLook, release } = standIns();

beforeAll(async () => {
  bench = await startBench();
  worker = await bench.work(processors);
  bench.setLimits(plenty);
  const background = { r: 120, g: 90, b: 60 };
  const bytes = await sharp({ create: { width: 320, height: 240, channels: 3, background } })
    .jpeg()
    .toBuffer();
  photo = { name: 'portrait.jpg', bytes };
  film = { name: 'driver.mp4', bytes: await readFile(await soundClip()) };
});
afterAll(() => bench.stop());
afterEach(() => {
  setFaces(1);
  release();
  // A message that a dying bot never sent cannot be edited.
  expect(bench.discord.journal.refused().filter(({ code }) => code !== 10008)).toEqual([]);
  // A job that consent ends is told to the log, and a look whose request was stopped.
  const told = ['not made', 'short work came to nothing'];
  expect(bench.troubles.filter(({ msg }) => !told.includes(msg))).toEqual([]);
});

/** One member asks for all of this. */
const plenty = { userJobsPerDay: 1000, guildJobsPerDay: 1000, userComputeSecondsPerDay: 1e6 };
const named = (name: string): MemberFile => ({ ...photo, name: `${name}.jpg` });
const result = (member: Member, name: string) =>
  member.sees(({ files }) => files.some((file) => file.name === `${name}.animated.mp4`));
const requestOf = (interactionId: string) =>
  bench.db.request.findUniqueOrThrow({
    where: { interactionId },
    include: {
      reply: true,
      consent: true,
      media: true,
      sources: true,
      quota: true,
      events: { orderBy: { id: 'asc' } },
    },
  });

describe('/animate', () => {
  it.each([
    ['alice', 'My own face: I agree that it is animated', 'en'],
    ['bernard', 'Mon propre visage : j’accepte qu’il soit animé', 'fr'],
    ['carla', 'Il mio volto: accetto che venga animato', 'it'],
  ] as const)('animates %s’s own face, and keeps what was agreed to', async (name, subject, textLocale) => {
    const member = bench[name];
    const asked = member.slash('animate', { photo: named(`of-${name}`), subject });
    expect((await asked.acknowledged()).type).toBe(InteractionResponseType.DeferredChannelMessageWithSource);
    const seen = await result(member, `of-${name}`);
    expect([seen.interactionId, seen.isPrivate]).toEqual([asked.id, false]);
    expect(seen.buttons.map(({ customId }) => customId?.split(':')[0])).toEqual(['report']);
    const request = await requestOf(asked.id);
    expect(request.consent).toMatchObject({
      kind: 'self',
      scope: 'photo',
      state: 'given',
      subjectId: member.id,
      requesterId: member.id,
      guildId: bench.guild.id,
      photoSha256: request.inputSha256,
      declared: null,
      textVersion: '4',
      textLocale,
      decidedBy: member.id,
    });
    expect(request).toMatchObject({ command: 'animate', predictedSeconds: 3, quota: { state: 'settled' } });
    // What it was made from goes when the work is done.
    expect(request.media.map(({ role }) => role)).toEqual(['result']);
    expect(seen.text).toContain('14');
  });

  it('takes every option, under the names of each language', async () => {
    const options = {
      motion: 'Clin d’œil',
      face: 'Tous',
      work: 'Les Ménines, Vélasquez',
      caption: 'dessus | dessous',
      strength: 1.5,
      camera: 'À l’épaule',
      sound: 'Sans son',
      format: 'WebP animé',
    };
    const subject = 'Une œuvre ou un personnage historique : je déclare qu’aucune personne vivante n’y figure';
    setFaces(9);
    const given = { photo: named('all'), subject, ...options, spoiler: true, private: true };
    const asked = bench.bernard.slash('animate', given);
    const seen = await result(bench.bernard, 'all');
    expect([seen.isPrivate, seen.files[0]?.isSpoiler]).toEqual([true, true]);
    expect(animated.at(-1)).toEqual({
      version: 1,
      command: 'animate',
      motion: 'wink',
      camera: 'hand-held',
      face: 'all',
      subject: { kind: 'artwork', declared: 'Les Ménines, Vélasquez', textVersion: '4', textLocale: 'fr' },
      strength: 1.5,
      caption: { above: 'dessus', below: 'dessous' },
      sound: 'none',
      format: 'webp',
    });
    const { consent } = await requestOf(asked.id);
    expect(consent).toMatchObject({ kind: 'artwork', subjectId: null, declared: 'Les Ménines, Vélasquez' });
  });

  it.each(['driver', 'speech'] as const)('fetches the %s as well, and forgets where it was', async (role) => {
    const asked = bench.alice.slash('animate', { photo: named(role), subject: 'self', [role]: film });
    await result(bench.alice, role);
    expect(animated.at(-1)).toMatchObject({ driven: role });
    const request = await requestOf(asked.id);
    expect([request.sources, request.media.map((file) => file.role)]).toEqual([[], ['result']]);
    expect([...bench.discord.cdn.downloads.values()].slice(-2)).toEqual([1, 1]);
  });

  it('moves the camera alone where no face is to move, and asks about none', async () => {
    setFaces(4);
    bench.alice.slash('animate', { photo: named('camera'), subject: 'self', motion: 'none' });
    await result(bench.alice, 'camera');
    expect(animated.at(-1)).toMatchObject({ motion: 'none', camera: 'push-in' });
  });
});

describe('where no face moves', () => {
  it('nobody has to answer for one', async () => {
    setFaces([]);
    const subject = "Nobody: no person's face moves, the camera alone";
    for (const [name, chosen, camera] of [
      ['harbour', { motion: 'none' }, 'push-in'],
      ['lake', {}, 'push-in'],
      ['hills', { camera: 'pan-left' }, 'pan-left'],
    ] as const) {
      const asked = bench.alice.slash('animate', { photo: named(name), subject, ...chosen });
      await result(bench.alice, name);
      expect(animated.at(-1)).toMatchObject({ motion: 'none', camera, subject: { kind: 'nobody' } });
      expect((await requestOf(asked.id)).consent).toBeNull();
    }
  });

  it('all of them may stay as they are', async () => {
    setFaces(3);
    bench.alice.slash('animate', { photo: named('still'), subject: 'self', motion: 'none', face: 'all' });
    await result(bench.alice, 'still');
  });

  it('a clip moves it all the same', async () => {
    bench.alice.slash('animate', { photo: named('driven'), subject: 'self', motion: 'none', driver: film });
    await result(bench.alice, 'driven');
    expect(animated.at(-1)).toMatchObject({ driven: 'driver', camera: 'none' });
  });
});

describe('a look that lasts', () => {
  it('keeps nobody else from being served, and is not waited for by who stops it', async () => {
    bench.setLimits({ ...plenty, maxOpenPerUser: 10 });
    const names = ['slow-1', 'slow-2', 'slow-3', 'slow-4'];
    for (const name of names) holdLook(`${name}.jpg`);
    const asked = names.map((name) => bench.alice.slash('animate', { photo: named(name), subject: 'self' }));
    const stateOf = async () => Promise.all(asked.map(async ({ id }) => (await requestOf(id)).media.length));
    await expect.poll(stateOf).toEqual([1, 1, 1, 1]);
    bench.bernard.slash('restore', { clip: { ...film, name: 'meanwhile.mp4' } });
    await bench.bernard.sees(({ files }) => files.some(({ name }) => name.startsWith('meanwhile')));

    const queue = await bench.alice.slash('queue').answer();
    expect(queue.text.match(/^- \*\*slow\\-\d\.jpg\*\* · Fetching the file…$/gm)).toHaveLength(4);
    const requests = await Promise.all(asked.map(({ id }) => requestOf(id)));
    for (const { id } of requests) expect(await bench.queue.cancel(id, `member:${bench.alice.id}`)).toBe('cancelled');
    await bench.settled();
    release();
    // The worker is free again, and the preview that came too late is nobody's.
    bench.alice.slash('animate', { photo: named('after'), subject: 'self' });
    await result(bench.alice, 'after');
    for (const { id } of asked) expect(await requestOf(id)).toMatchObject({ state: 'cancelled', media: [] });
    bench.setLimits(plenty);
  });

  it('has no machine to wait for, which the card says', async () => {
    await worker.stop();
    await expect.poll(async () => (await bench.queue.overview()).workers.length).toBe(0);
    const asked = bench.carla.slash('animate', { photo: named('alone'), subject: 'self' });
    const card = await bench.carla.sees(
      ({ interactionId, text }) => interactionId === asked.id && text.includes('nessuna macchina è disponibile'),
    );
    expect(card.buttons.map(({ label }) => label)).toEqual(['Annulla']);
    worker = await bench.work(processors);
    await result(bench.carla, 'alone');
  });
});

describe('several faces', () => {
  it('are shown with numbers to the member alone, and the one they press moves, for everybody to see', async () => {
    setFaces(7);
    const asked = bench.alice.slash('animate', { photo: named('group'), subject: 'self' });
    const question = await bench.alice.sees(/Which face shall move\?/);
    expect([question.isPrivate, question.files.map(({ name }) => name)]).toEqual([true, ['faces.jpg']]);
    expect(question.buttons.map(({ label }) => label)).toEqual([
      ...['1', '2', '3', '4', '5', '6', '7'],
      ...['The largest', 'Cancel'],
    ]);
    // Nothing is seen of it but by them until then.
    await bench.discord.until(() => asked.messages().length === 1, 'nothing public to be left');
    expect((await requestOf(asked.id)).state).toBe('asking');
    const queue = await bench.alice.slash('queue').answer();
    expect(queue.text).toContain('### The queue\n- **group.jpg** · Waiting for your answer\n-# ');

    const pressed = bench.alice.click('3', question);
    const seen = await result(bench.alice, 'group');
    expect([seen.isPrivate, seen.interactionId]).toEqual([false, pressed.id]);
    expect(animated.at(-1)).toMatchObject({ face: 3 });
    expect(bench.alice.messagesSeen().some(({ id }) => id === question.id)).toBe(false);
    expect((await requestOf(asked.id)).events.map(({ to }) => to).slice(0, 3)).toEqual([
      'received',
      'asking',
      'received',
    ]);
  });

  it('are not asked about when the member said which', async () => {
    setFaces(3);
    bench.alice.slash('animate', { photo: named('left'), subject: 'self', face: 'left' });
    await result(bench.alice, 'left');
    expect(animated.at(-1)).toMatchObject({ face: 'left' });
  });

  it('of which only one can move need no question: it is that one', async () => {
    setFaces([3]);
    bench.alice.slash('animate', { photo: named('one-of-them'), subject: 'self' });
    await result(bench.alice, 'one-of-them');
    expect(animated.at(-1)).toMatchObject({ face: 3 });
  });

  it('of an artwork may all move; thirty of them leave room for Discord’s buttons', async () => {
    setFaces(30);
    const given = { photo: named('crowd'), subject: 'artwork', work: 'The Night Watch' };
    bench.alice.slash('animate', given);
    const question = await bench.alice.sees(/Which face shall move\?/);
    expect(question.buttons.map(({ label }) => label).slice(-4)).toEqual([
      '15',
      'The largest',
      'All of them',
      'Cancel',
    ]);
    bench.alice.click('All of them', question);
    await result(bench.alice, 'crowd');
    expect(animated.at(-1)).toMatchObject({ face: 'all' });
  });

  it('two presses make one animation, and the second is told so', async () => {
    setFaces(2);
    bench.carla.slash('animate', { photo: named('twice'), subject: 'self' });
    const question = await bench.carla.sees(/Quale volto deve muoversi\?/);
    const before = animated.length;
    hold('twice.jpg');
    const presses = [bench.carla.click('1', question), bench.carla.click('2', question)];
    const told = await bench.carla.sees(/A questo è già stato risposto/);
    expect(told.isPrivate).toBe(true);
    release();
    await result(bench.carla, 'twice');
    await bench.settled();
    expect(animated.length).toBe(before + 1);
    expect(presses.flatMap((press) => press.messages()).filter(({ isPrivate }) => !isPrivate)).toHaveLength(1);
  });

  it('can be thought better of', async () => {
    setFaces(2);
    const asked = bench.bernard.slash('animate', { photo: named('no'), subject: 'self' });
    const question = await bench.bernard.sees(/Quel visage doit bouger/);
    bench.bernard.click('Annuler', question);
    const said = await bench.bernard.sees(({ id, text }) => id === question.id && text.includes('Annulé'));
    expect([said.isPrivate, said.buttons]).toEqual([true, []]);
    expect(said.text).toContain('`/animer`');
    const request = await requestOf(asked.id);
    expect([request.state, request.media, request.consent, request.quota]).toEqual(['cancelled', [], null, null]);
  });

  it('cannot be chosen from once the time for it is over', async () => {
    setFaces(2);
    const asked = bench.alice.slash('animate', { photo: named('late'), subject: 'self' });
    const question = await bench.alice.sees(/Which face shall move\?/);
    const { id } = await requestOf(asked.id);
    await bench.db.request.update({
      where: { id },
      data: { createdAt: new Date(bench.discord.clock.now() - 13 * 60_000) },
    });
    const over = await bench.alice.sees(({ id: seen, text }) => seen === question.id && text.includes('in time'));
    expect(over.text).toContain('You did not answer in time');
    expect([over.isPrivate, over.buttons]).toEqual([true, []]);
    expect((await requestOf(asked.id)).state).toBe('cancelled');
  });
});

describe('Animate this photo', () => {
  it('asks whose face it is, in private, and which; then everybody sees it', async () => {
    setFaces(2);
    const post = bench.bernard.post('us at the sea', [named('posted')]);
    const asked = bench.alice.contextMenu('Animate this photo', post);
    const question = await bench.alice.sees(/Whose face is it\?/);
    expect(question.isPrivate).toBe(true);
    expect(question.text).toContain('My own face: I agree that it is animated');
    expect(question.text).toContain('I declare that it shows nobody living');
    expect(question.buttons.map(({ label }) => label)).toEqual([
      'It is my own face',
      'An artwork or a person of history',
      'Cancel',
    ]);
    bench.alice.click('It is my own face', question);
    const which = await bench.alice.sees(({ id, text }) => id === question.id && text.includes('Which face'), {});
    expect(which.buttons.map(({ label }) => label)).toEqual(['1', '2', 'The largest', 'Cancel']);
    bench.alice.click('2', which);
    const seen = await result(bench.alice, 'posted');
    expect(seen.isPrivate).toBe(false);
    expect((await requestOf(asked.id)).consent).toMatchObject({ kind: 'self', subjectId: bench.alice.id });
  });

  it('takes the name of an artwork in a form', async () => {
    const post = bench.alice.post('', [named('lisa'), film]);
    const asked = bench.carla.contextMenu('Animate this photo', post);
    const question = await bench.carla.sees(/Di chi è questo volto\?/);
    const form = bench.carla.click('Un’opera o un personaggio storico', question);
    await form.modal();
    await bench.carla.submitModal(form, { work: 'La Gioconda' });
    await result(bench.carla, 'lisa');
    expect((await requestOf(asked.id)).consent).toMatchObject({
      kind: 'artwork',
      declared: 'La Gioconda',
      textLocale: 'it',
    });
  });

  it('asks which picture when there are several', async () => {
    const post = bench.alice.post('', [named('one'), named('two')]);
    const asked = bench.bernard.contextMenu('Animate this photo', post);
    const choice = await asked.answer();
    expect([choice.isPrivate, choice.text]).toEqual([true, '### Quelle photo dois-je animer ?']);
    bench.bernard.select('Choisissez une photo', ['1'], choice);
    const question = await bench.bernard.sees(/De qui est ce visage/);
    bench.bernard.click('C’est mon visage', question);
    await result(bench.bernard, 'two');
  });
});

describe('a button that was pressed before', () => {
  const write = async (id: string, said: object): Promise<void> => {
    const { parameters } = await bench.db.request.findUniqueOrThrow({ where: { id } });
    await bench.db.request.update({ where: { id }, data: { parameters: { ...(parameters as object), ...said } } });
  };
  const self = { kind: 'self', textVersion: '4', textLocale: 'en' };
  const questionAbout = async (name: string) => {
    setFaces(2);
    const post = bench.bernard.post('', [named(name)]);
    const asked = bench.alice.contextMenu('Animate this photo', post);
    const question = await bench.alice.sees(/Whose face is it\?/);
    return { asked, question, id: (await requestOf(asked.id)).id };
  };
  const next = (id: string) => bench.alice.sees((seen) => seen.id === id && seen.text.includes('Which face'));

  it('leads to what is asked by now', async () => {
    const { question, id } = await questionAbout('again');
    await write(id, { subject: self });
    bench.alice.click('It is my own face', question);
    bench.alice.click('2', await next(question.id));
    await result(bench.alice, 'again');
  });

  it('opens the form at once; what comes of it is decided when it is sent', async () => {
    const { question, id } = await questionAbout('form');
    await write(id, { subject: self });
    const form = bench.alice.click('An artwork or a person of history', question);
    await form.modal();
    await bench.alice.submitModal(form, { work: 'Too late' });
    bench.alice.click('1', await next(question.id));
    await result(bench.alice, 'form');
    expect(animated.at(-1)?.subject).toEqual(self);
  });

  it('goes on where nothing is left to ask', async () => {
    const { question, id } = await questionAbout('said');
    await write(id, { subject: self, face: 2 });
    bench.alice.click('It is my own face', question);
    await result(bench.alice, 'said');
    expect(animated.at(-1)).toMatchObject({ face: 2 });
  });

  it('agrees to the text that was shown, in whatever language the client is by then', async () => {
    const { asked, question } = await questionAbout('language');
    bench.alice.user.locale = 'it';
    try {
      bench.alice.click('It is my own face', question);
      bench.alice.click('1', await next(question.id));
      await result(bench.alice, 'language');
    } finally {
      bench.alice.user.locale = 'en-GB';
    }
    expect((await requestOf(asked.id)).consent?.textLocale).toBe('en');
  });

  it.each([
    [
      'was blocked',
      'You have been blocked',
      async () => {
        const by = { moderatorId: '1', reason: 'spam', now: new Date() };
        const here = { userId: bench.alice.id };
        // Everywhere, by the operator: a block of the guild's moderators ends what waits by itself.
        await bench.db.block.create({
          data: { id: 'operator', kind: 'user', userId: here.userId, reason: 'spam', createdBy: '1' },
        });
        return () => liftUserBlock(bench.db, here, by);
      },
    ],
    [
      'has not the role any more',
      '/animate is for these roles',
      async () => {
        const set = (animateRoles: string[]) =>
          changeGuildSettings(bench.db, bench.guild.id, { animateRoles }, { moderatorId: '1', now: new Date() });
        await set(['123456']);
        return () => set([]);
      },
    ],
  ] as const)('does nothing for who %s', async (what, words, change) => {
    const { asked, question } = await questionAbout(`not-${what.split(' ')[1]!}`);
    const undo = await change();
    try {
      const pressed = bench.alice.click('It is my own face', question);
      const said = await bench.alice.sees(({ interactionId }) => interactionId === pressed.id);
      expect([said.isPrivate, said.text.includes(words)]).toEqual([true, true]);
      expect(await requestOf(asked.id)).toMatchObject({ state: 'refused', media: [], consent: null });
      await expect.poll(() => bench.alice.messagesSeen().some(({ id }) => id === question.id)).toBe(false);
    } finally {
      await undo();
    }
  });
});

describe('what was agreed to', () => {
  /** The worker is busy until everything is released: what is asked after it waits. */
  const occupy = async (name: string): Promise<void> => {
    hold(`${name}.jpg`);
    const asked = bench.alice.slash('animate', { photo: named(name), subject: 'self' });
    await expect.poll(async () => (await requestOf(asked.id)).state).toBe('running');
  };

  it('holds when the job starts, or nothing is made', async () => {
    await occupy('first');
    const asked = bench.alice.slash('animate', { photo: named('second'), subject: 'self' });
    await expect.poll(async () => (await requestOf(asked.id)).state).toBe('waiting');
    const { consentId } = await requestOf(asked.id);
    const revoked = { state: 'revoked', revokedAt: new Date() } as const;
    await bench.db.consent.update({ where: { id: consentId! }, data: revoked });
    const before = animated.length;
    release();
    const said = await bench.alice.sees(
      ({ interactionId, text }) => interactionId === asked.id && text.includes('no longer holds'),
    );
    expect(said.text).toContain('This photo could not be animated');
    expect(await requestOf(asked.id)).toMatchObject({ state: 'failed', code: 'queue.consent-ended', media: [] });
    await result(bench.alice, 'first');
    expect(animated.length).toBe(before + 1);
  });

  it('holds when the result is sent, or nobody sees it and nothing of it is kept', async () => {
    hold('withdrawn.jpg');
    const asked = bench.alice.slash('animate', { photo: named('withdrawn'), subject: 'self' });
    await expect.poll(async () => (await requestOf(asked.id)).state).toBe('running');
    const { id, consentId } = await requestOf(asked.id);
    await bench.db.consent.update({ where: { id: consentId! }, data: { state: 'revoked', revokedAt: new Date() } });
    release();
    const said = await bench.alice.sees(
      ({ interactionId, text }) => interactionId === asked.id && text.includes('no longer holds'),
    );
    expect(said.files).toEqual([]);
    expect(said.text).not.toContain('quota');
    expect(await requestOf(asked.id)).toMatchObject({ state: 'removed', code: 'queue.consent-ended', media: [] });
    expect((await bench.alice.slash('result', { clip: id }).answer()).text).toContain('no longer kept');
  });

  it.each(['before the job starts', 'before the result is sent'])(
    'of an artwork holds while they are allowed: %s',
    async (when) => {
      const isRunning = when === 'before the result is sent';
      const name = isRunning ? 'art-running' : 'art-waiting';
      if (isRunning) hold(`${name}.jpg`);
      else await occupy('art-first');
      const asked = bench.alice.slash('animate', { photo: named(name), subject: 'artwork', work: 'Mona Lisa' });
      const state = isRunning ? 'running' : 'waiting';
      await expect.poll(async () => (await requestOf(asked.id)).state).toBe(state);
      const allow = (artworksAllowed: boolean) =>
        changeGuildSettings(bench.db, bench.guild.id, { artworksAllowed }, { moderatorId: '1', now: new Date() });
      await allow(false);
      try {
        release();
        const said = await bench.alice.sees(
          ({ interactionId, text }) => interactionId === asked.id && text.includes('were turned off'),
        );
        expect(said.files).toEqual([]);
        const ended = { state: isRunning ? 'removed' : 'failed', code: 'queue.consent-not-allowed', media: [] };
        expect(await requestOf(asked.id)).toMatchObject(ended);
      } finally {
        await allow(true);
      }
      if (!isRunning) await result(bench.alice, 'art-first');
    },
  );

  it('is of that picture: another one is not animated by it', async () => {
    await occupy('before');
    const asked = bench.alice.slash('animate', { photo: named('swapped'), subject: 'self' });
    await expect.poll(async () => (await requestOf(asked.id)).state).toBe('waiting');
    const { consentId } = await requestOf(asked.id);
    await bench.db.consent.update({ where: { id: consentId! }, data: { photoSha256: 'f'.repeat(64) } });
    release();
    await bench.alice.sees(
      ({ interactionId, text }) => interactionId === asked.id && text.includes('Nobody has agreed'),
    );
    expect((await requestOf(asked.id)).code).toBe('queue.consent-missing');
    await result(bench.alice, 'before');
  });
});

describe('a bot that ended', () => {
  const resume = () => resumeIntakes(bench.services, { modelsDir: bench.modelsDir });

  it('before the question was shown shows it, and goes on with the answer', async () => {
    // The process that has it is stuck: it comes no further than a bot that died.
    holdLook('asked.jpg');
    const post = bench.bernard.post('', [named('asked')]);
    const asked = bench.alice.contextMenu('Animate this photo', post);
    await expect.poll(async () => (await requestOf(asked.id)).media.length).toBe(1);
    const { id } = await requestOf(asked.id);
    const findings: Findings = { version: 1, faces: [1], predictedSeconds: 3, seconds: 5 };
    const { media } = await requestOf(asked.id);
    const preview = {
      ...media.find(({ role }) => role === 'input')!,
      role: 'preview',
      mediaType: 'image/jpeg',
    } as const;
    await inTransaction(bench.db, (tx) => addReference(tx, { ...preview, bytes: photo.bytes.length }));
    await changeState(bench.db, id, 'asking', { actor: 'bot', now: new Date(), from: ['received'], set: { findings } });
    expect(bench.alice.messagesSeen().find((seen) => seen.interactionId === asked.id)?.isLoading).toBe(true);
    expect(await resume()).toBe(1);
    const question = await bench.alice.sees(
      ({ interactionId, text }) => interactionId === asked.id && text.includes('Whose face is it?'),
    );
    // The same once more: nothing changes.
    expect(await resume()).toBe(1);
    bench.alice.click('It is my own face', question);
    await result(bench.alice, 'asked');
    release();
    await bench.settled();
    await expect.poll(async () => (await requestOf(asked.id)).state).toBe('delivered');
  });

  it('leaves a question alone that can no longer be shown', async () => {
    setFaces(2);
    const asked = bench.alice.slash('animate', { photo: named('forgotten'), subject: 'self' });
    const question = await bench.alice.sees(/Which face shall move\?/);
    const { id } = await requestOf(asked.id);
    const { tokenExpiresAt } = (await requestOf(asked.id)).reply!;
    await bench.db.reply.update({ where: { requestId: id }, data: { tokenExpiresAt: new Date(0) } });
    expect(await resume()).toBe(0);
    await bench.db.reply.update({ where: { requestId: id }, data: { tokenExpiresAt } });
    bench.alice.click('Cancel', question);
    await bench.alice.sees(({ id: seen, text }) => seen === question.id && text.includes('Cancelled'));
  });

  it('after the answer goes on with it', async () => {
    setFaces(2);
    const asked = bench.alice.slash('animate', { photo: named('answered'), subject: 'self' });
    await bench.alice.sees(/Which face shall move\?/);
    const request = await requestOf(asked.id);
    const parameters = { ...(request.parameters as object), face: 2 };
    await bench.db.request.update({ where: { id: request.id }, data: { parameters, state: 'received' } });
    await bench.db.reply.update({ where: { requestId: request.id }, data: { questionId: null } });
    expect(await resume()).toBe(1);
    await expect.poll(async () => (await requestOf(asked.id)).state).toBe('delivered');
    expect(animated.at(-1)).toMatchObject({ face: 2 });
  });

  it('while it fetched fetches what is not there yet, and nothing twice', async () => {
    const driver = { ...film, fault: { kind: 'stall', bytes: 100 } as const };
    const asked = bench.alice.slash('animate', { photo: named('resumed'), subject: 'self', driver });
    await expect.poll(async () => (await requestOf(asked.id)).media.map(({ role }) => role)).toEqual(['input']);
    const { sources } = await requestOf(asked.id);
    expect(sources.map(({ role }) => role)).toEqual(['driver']);
    const file = new URL(sources[0]!.url).pathname.split('/')[3]!;
    bench.discord.cdn.plant(file, { kind: 'lying length', length: film.bytes.length });
    expect(await resume()).toBe(1);
    await result(bench.alice, 'resumed');
    await bench.settled();
    expect(asked.messages()).toHaveLength(1);
  });
});
