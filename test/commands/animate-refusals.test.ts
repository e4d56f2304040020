/** What `/animate` refuses, as a member reads it in each language: before anything is fetched, and after a look. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { LumiereError } from '../../src/engine/errors.ts';
import type { Processors } from '../../src/queue/processor.ts';
import { changeGuildSettings } from '../../src/store/guild-settings.ts';
import { soundClip } from '../clips.ts';
import type { MemberFile } from '../fakes/discord/member/file.ts';
import type { OptionValues } from '../fakes/discord/member/commands.ts';
import { type Bench, startBench } from './bench.ts';
import { refused } from './refused.ts';
import { standIns } from './stand-ins.ts';

const { processors: standing, setFaces } = standIns();
/** What the next look at a photograph says. */
let fault: LumiereError | undefined;
const look: Processors['look'] = (work) => (fault === undefined ? standing.look(work) : Promise.reject(fault));

let bench: Bench;
let photo: MemberFile;
let film: MemberFile;

beforeAll(async () => {
  bench = await startBench();
  await bench.work({ ...standing, look });
  const background = { r: 120, g: 90, b: 60 };
  const bytes = await sharp({ create: { width: 320, height: 240, channels: 3, background } })
    .jpeg()
    .toBuffer();
  photo = { name: 'portrait.jpg', bytes };
  film = { name: 'film.mp4', bytes: await readFile(await soundClip()) };
});
afterAll(() => bench.stop());
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0)) await step();
  fault = undefined;
  setFaces(1);
  bench.setLimits({});
  await bench.db.quotaReservation.deleteMany();
});

const members = ['alice', 'bernard', 'carla'] as const;

interface Case {
  readonly why: string;
  readonly given?: () => unknown;
  readonly options?: () => OptionValues;
  /** What they read, in their languages. */
  readonly sentences: readonly [string | RegExp, string | RegExp, string | RegExp];
}

const settings = async (change: Parameters<typeof changeGuildSettings>[2]): Promise<void> => {
  const by = { moderatorId: '1', now: new Date() };
  await changeGuildSettings(bench.db, bench.guild.id, change, by);
  undo.push(() => changeGuildSettings(bench.db, bench.guild.id, { animateRoles: [], artworksAllowed: true }, by));
};

const beforeAnyDownload: readonly Case[] = [
  {
    why: 'a member beside another answer',
    options: () => ({ subject: 'self', member: { id: bench.client.user.id } }),
    sentences: [/^You named a member/, /^Vous avez nommé un membre/, /^Hai indicato un membro/],
  },
  {
    why: 'the face of somebody else',
    options: () => ({ subject: 'outsider' }),
    sentences: [
      /^A face is animated only when the person has agreed/,
      /^Un visage n’est animé que si la personne a accepté/,
      /^Un volto si anima solo se la persona ha acconsentito/,
    ],
  },
  {
    why: 'an artwork where they are turned off',
    given: () => settings({ artworksAllowed: false }),
    options: () => ({ subject: 'artwork', work: 'Mona Lisa' }),
    sentences: [
      "On this server the faces of artworks and of persons of history are turned off. Your own face can be animated, and with their consent another member's.",
      'Sur ce serveur, les visages d’œuvres et de personnages historiques sont désactivés. Votre propre visage peut être animé, et avec son accord celui d’un autre membre.',
      'Su questo server i volti di opere e di personaggi storici sono disattivati. Si può animare il tuo volto e, con il suo consenso, quello di un altro membro.',
    ],
  },
  {
    why: 'nobody, where a face moves',
    options: () => ({ subject: 'nobody', motion: 'smile' }),
    sentences: [
      'What you chose moves a face, so somebody must answer for it: say whose it is, or choose the motion “None”.',
      'Ce que vous avez choisi anime un visage, et quelqu’un doit en répondre : dites de qui il est, ou choisissez le mouvement « Aucun ».',
      'Quello che hai scelto muove un volto, e qualcuno deve risponderne: di’ di chi è, o scegli il movimento «Nessuno».',
    ],
  },
  {
    why: 'a caption that is too long in one line',
    options: () => ({ caption: `above | ${'😀'.repeat(101)}` }),
    sentences: [
      'This caption has 101 characters in one line; 100 fit. Shorten it, or part it with “|” into one above and one below.',
      'Cette légende compte 101 caractères sur une ligne ; 100 au plus. Raccourcissez-la, ou séparez-la par « | » en une ligne au-dessus et une au-dessous.',
      'Questa didascalia ha 101 caratteri in una riga; il massimo è 100. Accorciala, o dividila con «|» in una sopra e una sotto.',
    ],
  },
  {
    why: 'a role that is needed',
    given: () => settings({ animateRoles: ['123456'] }),
    sentences: [
      'On this server, /animate is for these roles: <@&123456>. Ask a moderator for one.',
      'Sur ce serveur, /animer est réservé à ces rôles : <@&123456>. Demandez-en un à la modération.',
      'Su questo server /anima è riservato a questi ruoli: <@&123456>. Chiedine uno alla moderazione.',
    ],
  },
  {
    why: 'a clip instead of a photograph',
    options: () => ({ photo: film }),
    sentences: [
      'That is not a picture. I can animate a photograph, a painting or a drawing: JPEG, PNG, WebP, AVIF or GIF.',
      'Ce n’est pas une image. J’anime une photographie, une peinture ou un dessin : JPEG, PNG, WebP, AVIF ou GIF.',
      'Quella non è un’immagine. Posso animare una fotografia, un dipinto o un disegno: JPEG, PNG, WebP, AVIF o GIF.',
    ],
  },
  {
    why: 'a photograph as the driver',
    options: () => ({ driver: photo }),
    sentences: [
      'What you gave as “driver” is not a video. Give a clip in which a face moves.',
      'Ce que vous avez donné comme « pilote » n’est pas une vidéo. Donnez un clip où un visage bouge.',
      'Quello che hai dato come «guida» non è un video. Dai un filmato in cui un volto si muove.',
    ],
  },
  {
    why: 'words as the sound',
    options: () => ({ speech: { name: 'words.txt', bytes: Buffer.from('la la la') } }),
    sentences: [
      'What you gave as “speech” is no sound. Give an audio file, or a clip in which somebody speaks.',
      'Ce que vous avez donné comme « voix » n’est pas un son. Donnez un fichier audio, ou un clip où quelqu’un parle.',
      'Quello che hai dato come «voce» non è un audio. Dai un file audio, o un filmato in cui qualcuno parla.',
    ],
  },
  {
    why: 'a clip and a sound at once',
    options: () => ({ driver: film, speech: film }),
    sentences: [
      'Only one thing can move the face: choose a motion, or a clip, or a sound. With a sound, “Talk” and “Sing” say how it is spoken.',
      'Une seule chose peut animer le visage : choisissez un mouvement, ou un clip, ou un son. Avec un son, « Parler » et « Chanter » disent comment.',
      'Una cosa sola può muovere il volto: scegli un movimento, o un filmato, o un audio. Con un audio, «Parlare» e «Cantare» dicono come.',
    ],
  },
  {
    why: 'a file too large among those given',
    given: () => {
      bench.setLimits({ maxInputBytes: 10 * 1024 });
    },
    options: () => ({ driver: film }),
    sentences: [/^This file has 15\.3 KiB/, /^Ce fichier pèse 15,3 KiB/, /^Questo file pesa 15,3 KiB/],
  },
];

const afterALook: readonly Case[] = [
  {
    why: 'no face',
    given: () => {
      fault = new LumiereError('face.none');
    },
    sentences: [/^No face was found/, /visage/, /volto/],
  },
  {
    why: 'a face too small',
    given: () => {
      fault = new LumiereError('face.too-small', { pixels: 40, limit: 96 });
    },
    sentences: [/40 pixels/, /40 pixels/, /40 pixel/],
  },
  {
    why: 'every face as if it were one’s own',
    given: () => {
      setFaces(3);
    },
    options: () => ({ face: 'all' }),
    sentences: [
      'You can agree for your own face alone, and this picture shows several. Ask again and choose the one that is yours.',
      'Vous ne pouvez donner votre accord que pour votre propre visage, et cette image en montre plusieurs. Recommencez et choisissez le vôtre.',
      'Puoi acconsentire solo per il tuo volto, e questa immagine ne mostra più di uno. Ripeti e scegli il tuo.',
    ],
  },
  {
    why: 'more computing than a day allows',
    given: () => {
      bench.setLimits({ userComputeSecondsPerDay: 2 });
    },
    sentences: [
      'This animation would take about 3s of computing, more than the 2s that one day allows. Try a shorter clip or sound.',
      'Cette animation demanderait environ 3s de calcul, plus que les 2s permises par jour. Essayez un clip ou un son plus court.',
      'Questa animazione richiederebbe circa 3s di calcolo, più delle 2s consentite al giorno. Prova un filmato o un audio più corto.',
    ],
  },
  {
    why: 'a driver longer than a clip may be',
    given: () => {
      bench.setLimits({ maxClipSeconds: 2 });
    },
    options: () => ({ driver: film }),
    sentences: [/^This clip lasts 5s/, /^Ce clip dure 5s/, /^Questo filmato dura 5s/],
  },
  {
    why: 'a driver that Discord no longer gives out',
    options: () => ({ driver: { ...film, fault: { kind: 'status', status: 404 } } }),
    sentences: [/^Discord no longer gives this file out/, /^Discord ne donne plus/, /^Discord non fornisce più/],
  },
];

const everyLanguage = (cases: readonly Case[]) =>
  cases.flatMap((one) => members.map((name, at) => [one.why, name, one, one.sentences[at]!] as const));

describe('before anything is fetched', () => {
  it.each(everyLanguage(beforeAnyDownload))('%s, said to %s', async (_why, name, { given, options }, sentence) => {
    await given?.();
    const before = await bench.db.request.count();
    const fetched = bench.discord.cdn.downloads.size;
    const asked = bench[name].slash('animate', { photo, subject: 'self', ...options?.() });
    await refused(bench, bench[name], asked, sentence);
    expect(await bench.db.request.count()).toBe(before);
    expect(bench.discord.cdn.downloads.size).toBe(fetched);
  });
});

describe('after the photograph was looked at', () => {
  it.each(everyLanguage(afterALook))('%s, said to %s', async (_why, name, { given, options }, sentence) => {
    await given?.();
    const asked = bench[name].slash('animate', { photo, subject: 'self', ...options?.() });
    await refused(bench, bench[name], asked, sentence);
    const request = await bench.db.request.findUniqueOrThrow({
      where: { interactionId: asked.id },
      include: { quota: true, media: true, delivery: true, consent: true },
    });
    expect(['refused', 'failed']).toContain(request.state);
    // Nothing is kept of it, nobody agreed to anything, nothing is charged, nothing more will be sent.
    expect([request.media, request.consent, request.delivery]).toEqual([[], null, null]);
    expect(request.quota?.state ?? 'released').toBe('released');
  });
});

it('a message without a picture, said to each', async () => {
  const said = [
    'I see no picture in that message. I can animate a photograph, a painting or a drawing, or a link to one on Discord.',
    'Je ne vois pas d’image dans ce message. J’anime une photographie, une peinture ou un dessin, ou un lien Discord vers l’un d’eux.',
    'Non vedo immagini in quel messaggio. Posso animare una fotografia, un dipinto o un disegno, o un link Discord che vi porti.',
  ];
  for (const [at, name] of members.entries()) {
    const post = bench.alice.post('only words', [film]);
    await refused(bench, bench[name], bench[name].contextMenu('Animate this photo', post), said[at]!);
  }
});

it('Discord found nothing wrong in all of this', () => {
  expect(bench.discord.journal.refused()).toEqual([]);
});
