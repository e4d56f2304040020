/** Every refusal as a member meets it, in each language: what they read, and that nobody else does. */
import { readFile } from 'node:fs/promises';
import { PermissionFlagsBits } from 'discord.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { blockUser, liftUserBlock } from '../../src/store/blocks.ts';
import { recordConsent } from '../../src/store/consents.ts';
import { inTransaction } from '../../src/store/database.ts';
import { changeGuildSettings } from '../../src/store/guild-settings.ts';
import { changeState } from '../../src/store/requests.ts';
import { makeClip, picture, soundClip } from '../clips.ts';
import type { Asked } from '../fakes/discord/member/ask.ts';
import type { MemberFile } from '../fakes/discord/member/file.ts';
import type { OptionValues } from '../fakes/discord/member/commands.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import { type Bench, startBench } from './bench.ts';
import { refused } from './refused.ts';
import { keptRequest, waitingRequest } from './seed.ts';

let bench: Bench;
let film: MemberFile;

beforeAll(async () => {
  bench = await startBench();
  film = { name: 'film.mp4', bytes: await readFile(await soundClip()) };
});
afterAll(() => bench.stop());
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  bench.setLimits({});
  bench.setMediaMaxBytes(2 ** 30);
  await bench.db.quotaReservation.deleteMany();
  await bench.db.request.updateMany({
    where: { state: { in: ['received', 'waiting'] } },
    data: { state: 'cancelled' },
  });
});

const members = ['alice', 'bernard', 'carla'] as const;
type Name = (typeof members)[number];
/** What they read, in their languages. */
type Sentences = readonly [string | RegExp, string | RegExp, string | RegExp];

const restore = (member: Member, options: OptionValues = {}): Asked =>
  member.slash('restore', { clip: film, ...options });

interface Case {
  readonly why: string;
  readonly given?: (member: Member) => unknown;
  readonly ask?: (member: Member) => Asked | Promise<Asked>;
  readonly sentences: Sentences;
}

/** What a server has not set, where the column cannot say so. */
const notNull: Readonly<Record<string, boolean>> = { ageRestrictedOnly: false, artworksAllowed: true };

const settings = async (change: Parameters<typeof changeGuildSettings>[2]): Promise<void> => {
  const by = { moderatorId: '1', now: new Date() };
  await changeGuildSettings(bench.db, bench.guild.id, change, by);
  undo.push(async () => {
    const back = Object.fromEntries(Object.keys(change).map((key) => [key, notNull[key] ?? null]));
    await changeGuildSettings(bench.db, bench.guild.id, back, by);
  });
};

const block = async (userId: string, guildId: string | undefined): Promise<void> => {
  const by = { moderatorId: '1', reason: 'test', now: new Date() };
  await blockUser(bench.db, { userId, guildId }, by);
  undo.push(() => liftUserBlock(bench.db, { userId, guildId }, by));
};

/** A place in the quota that was taken an hour ago. */
const used = async (member: Member, seconds: number): Promise<void> => {
  const requestId = await waitingRequest(bench, member);
  await bench.db.quotaReservation.create({
    data: {
      requestId,
      userId: member.id,
      guildId: bench.guild.id,
      command: 'restore',
      state: 'settled',
      reservedSeconds: seconds,
      settledSeconds: seconds,
      createdAt: new Date(bench.discord.clock.now() - 3_600_000),
    },
  });
  await bench.db.request.update({ where: { id: requestId }, data: { state: 'delivered' } });
};

const soon = '<t:\\d+:R>';

const beforeAnyDownload: readonly Case[] = [
  {
    why: 'blocked on the server',
    given: (member) => block(member.id, bench.guild.id),
    sentences: [
      'A moderator has blocked you from using Lumière on this server. If you think that is a mistake, ask them.',
      'La modération vous a retiré l’accès à Lumière sur ce serveur. Si vous pensez que c’est une erreur, parlez-lui-en.',
      'La moderazione ti ha tolto l’accesso a Lumière su questo server. Se pensi che sia un errore, chiedi a loro.',
    ],
  },
  {
    why: 'blocked everywhere',
    given: (member) => block(member.id, undefined),
    sentences: [
      /^You have been blocked from using Lumière\./,
      /^Vous n’avez plus accès à Lumière\./,
      /^Non puoi più usare Lumière\./,
    ],
  },
  {
    why: 'blocked everywhere, in direct messages, where no moderator could',
    given: (member) => block(member.id, undefined),
    ask: (member) => {
      undo.push(() => member.goTo(bench.guild.channel('screening')));
      return restore(member.goTo('direct messages'));
    },
    sentences: [
      'You have been blocked from using Lumière. If you think that is a mistake, write to whoever runs this bot.',
      'Vous n’avez plus accès à Lumière. Si vous pensez que c’est une erreur, écrivez à la personne qui gère ce bot.',
      'Non puoi più usare Lumière. Se pensi che sia un errore, scrivi a chi gestisce questo bot.',
    ],
  },
  {
    why: 'a role that is needed',
    given: () => settings({ restoreRoles: ['123456'] }),
    sentences: [
      'On this server, /restore is for these roles: <@&123456>. Ask a moderator for one.',
      'Sur ce serveur, /restaurer est réservé à ces rôles : <@&123456>. Demandez-en un à la modération.',
      'Su questo server /restaura è riservato a questi ruoli: <@&123456>. Chiedine uno alla moderazione.',
    ],
  },
  {
    why: 'a channel without an age limit',
    given: () => settings({ ageRestrictedOnly: true }),
    sentences: [/age-restricted channels only/, /limite d’âge/, /limite di età/],
  },
  {
    why: 'a permission that the bot lacks',
    given: () => {
      const channel = bench.guild.channel('screening');
      bench.guild.botMayNot(channel, PermissionFlagsBits.AttachFiles);
      undo.push(() => {
        bench.guild.botMay(channel, PermissionFlagsBits.AttachFiles);
      });
    },
    sentences: [
      'I cannot post the result in this channel: I lack Attach Files. Ask a moderator to allow it, or choose a private result.',
      'Je ne peux pas publier le résultat dans ce salon ; permissions manquantes : Joindre des fichiers. Demandez-les à la modération, ou choisissez un résultat privé.',
      'Non posso pubblicare il risultato in questo canale; permessi mancanti: Allegare file. Chiedili alla moderazione, oppure scegli un risultato privato.',
    ],
  },
  {
    why: 'a photograph',
    ask: (member) => restore(member, { clip: { ...film, name: 'photo.jpg' } }),
    sentences: [
      'That is not a video. I can restore a video, an animated GIF or an animated WebP. A photograph: /animate.',
      'Ce n’est pas une vidéo. Je restaure une vidéo, un GIF animé ou un WebP animé. Une photographie : /animer.',
      'Quello non è un video. Posso restaurare un video, una GIF animata o un WebP animato. Una fotografia: /anima.',
    ],
  },
  {
    why: 'a file too large',
    given: () => {
      bench.setLimits({ maxInputBytes: 10 * 1024 });
    },
    sentences: [
      'This file has 15.3 KiB; the largest accepted here is 10 KiB. Send a shorter or smaller one.',
      'Ce fichier pèse 15,3 KiB ; la limite ici est de 10 KiB. Envoyez-en un plus court ou plus léger.',
      'Questo file pesa 15,3 KiB; il massimo accettato qui è 10 KiB. Inviane uno più corto o più leggero.',
    ],
  },
  {
    why: 'a store that is full',
    given: () => {
      bench.setMediaMaxBytes(film.bytes.length);
    },
    sentences: [
      /^There is no room for another file at the moment\./,
      /^Il n’y a plus de place pour un autre fichier en ce moment\./,
      /^Al momento non c’è spazio per un altro file\./,
    ],
  },
  {
    why: 'a rate that cannot be made',
    ask: (member) => restore(member, { fps: 'warp 9' }),
    sentences: [
      '“warp 9” is not a rate I can make. Write a number from 1 to 240, or choose from the list.',
      '« warp 9 » n’est pas une cadence possible. Écrivez un nombre de 1 à 240, ou choisissez dans la liste.',
      '«warp 9» non è una frequenza possibile. Scrivi un numero da 1 a 240, oppure scegli dall’elenco.',
    ],
  },
  {
    why: 'too many open at a time',
    given: async (member) => {
      bench.setLimits({ maxOpenPerUser: 2 });
      await waitingRequest(bench, member);
      await waitingRequest(bench, member);
    },
    sentences: [
      'You have as many requests waiting or running as one member may (2). Wait for one to end, or stop one with /cancel.',
      'Vous avez autant de demandes en attente ou en cours qu’un membre peut en avoir (2). Attendez que l’une se termine, ou arrêtez-en une avec /annuler.',
      'Hai già tante richieste in attesa o in corso quante può averne un membro (2). Aspetta che una finisca, o fermane una con /annulla.',
    ],
  },
  {
    why: 'a full queue',
    given: async () => {
      bench.setLimits({ maxWaiting: 1 });
      await waitingRequest(bench, bench.guild.member('dave'));
    },
    sentences: [
      'The queue is full (1 waiting). Please try again a little later.',
      'La file est pleine (1 en attente). Réessayez un peu plus tard.',
      'La coda è piena (1 in attesa). Riprova un po’ più tardi.',
    ],
  },
  {
    why: 'the jobs of the member used up',
    given: async (member) => {
      bench.setLimits({ userJobsPerDay: 1 });
      await used(member, 5);
    },
    sentences: [
      new RegExp(`^Your requests for 24 hours are used up \\(1 of 1\\)\\. You can ask again ${soon}\\.$`),
      new RegExp(`^Vos demandes pour 24 heures sont épuisées \\(1 sur 1\\)\\. Vous pourrez recommencer ${soon}\\.$`),
      new RegExp(`^Le tue richieste per 24 ore sono esaurite \\(1 su 1\\)\\. Potrai farne altre ${soon}\\.$`),
    ],
  },
  {
    why: 'the jobs of the server used up',
    given: async () => {
      await settings({ guildJobsPerDay: 2 });
      await used(bench.guild.member('dave'), 5);
      await used(bench.guild.member('erin'), 5);
    },
    sentences: [
      new RegExp(`^This server's requests for 24 hours are used up \\(2 of 2\\)\\. There is room again ${soon}\\.$`),
      new RegExp(
        `^Les demandes de ce serveur pour 24 heures sont épuisées \\(2 sur 2\\)\\. Il y aura de nouveau de la place ${soon}\\.$`,
      ),
      new RegExp(
        `^Le richieste di questo server per 24 ore sono esaurite \\(2 su 2\\)\\. Ci sarà di nuovo posto ${soon}\\.$`,
      ),
    ],
  },
  {
    why: 'a server where it is turned off',
    given: () => settings({ userJobsPerDay: 0 }),
    sentences: [/^This is turned off here\./, /^Cela est désactivé ici\./, /^Qui è disattivato\./],
  },
];

const afterADownload: readonly Case[] = [
  {
    why: 'a clip too long',
    ask: async (member) => {
      bench.setLimits({ maxClipSeconds: 2 });
      const clip = await makeClip('mp4', [...picture('testsrc2=s=64x48:r=10:d=75'), '-c:v', 'libx264']);
      return restore(member, { clip: { name: 'long.mp4', bytes: await readFile(clip) } });
    },
    sentences: [
      'This clip lasts 1m 15s; the longest accepted here is 2s. Cut it shorter and try again.',
      'Ce clip dure 1m 15s ; la limite ici est de 2s. Raccourcissez-le et réessayez.',
      'Questo filmato dura 1m 15s; il massimo accettato qui è 2s. Accorcialo e riprova.',
    ],
  },
  {
    why: 'a clip that costs more than a day allows',
    given: () => {
      bench.setLimits({ userComputeSecondsPerDay: 2 });
    },
    sentences: [
      /^This clip would take about \d+s of computing, more than the 2s that one day allows\. .*the quality “Fast”\.$/,
      /^Ce clip demanderait environ \d+s de calcul, plus que les 2s permises par jour\. .*la qualité « Rapide »\.$/,
      /^Questo filmato richiederebbe circa \d+s di calcolo, più delle 2s consentite al giorno\. .*la qualità «Veloce»\.$/,
    ],
  },
  {
    why: 'the seconds of the member used up',
    given: async (member) => {
      bench.setLimits({ userComputeSecondsPerDay: 60 });
      await used(member, 59);
    },
    sentences: [
      new RegExp(`^Too little is left of your 1m 00s of computing for 24 hours\\. There is room for this ${soon}\\.$`),
      new RegExp(
        `^Il reste trop peu de vos 1m 00s de calcul pour 24 heures\\. Il y aura de la place pour cela ${soon}\\.$`,
      ),
      new RegExp(`^Resta troppo poco delle tue 1m 00s di calcolo per 24 ore\\. Ci sarà posto ${soon}\\.$`),
    ],
  },
  {
    why: 'the seconds of the server used up',
    given: async () => {
      await settings({ guildComputeSecondsPerDay: 60 });
      await used(bench.guild.member('dave'), 59);
    },
    sentences: [
      new RegExp(
        `^Too little is left of this server's 1m 00s of computing for 24 hours\\. There is room for this ${soon}\\.$`,
      ),
      new RegExp(
        `^Il reste trop peu des 1m 00s de calcul de ce serveur pour 24 heures\\. Il y aura de la place pour cela ${soon}\\.$`,
      ),
      new RegExp(`^Resta troppo poco delle 1m 00s di calcolo di questo server per 24 ore\\. Ci sarà posto ${soon}\\.$`),
    ],
  },
  {
    why: 'words that call themselves a video',
    ask: (member) => restore(member, { clip: { name: 'film.mp4', bytes: Buffer.from('not a film at all') } }),
    sentences: [/^This file is not a video/, /vidéo/, /^Questo file non è un video/],
  },
  {
    why: 'a clip that Discord no longer gives out',
    ask: (member) => restore(member, { clip: { ...film, fault: { kind: 'status', status: 404 } } }),
    sentences: [/^Discord no longer gives this file out/, /Discord ne/, /^Discord non fornisce più questo file/],
  },
];

const everyLanguage = (cases: readonly Case[]): [string, Name, Case, string | RegExp][] =>
  cases.flatMap((one) =>
    members.map((name, at): [string, Name, Case, string | RegExp] => [one.why, name, one, one.sentences[at]!]),
  );

describe('before anything is fetched', () => {
  it.each(everyLanguage(beforeAnyDownload))('%s, said to %s', async (_why, name, { given, ask }, sentence) => {
    const member = bench[name];
    await given?.(member);
    const before = await bench.db.request.count();
    const fetched = bench.discord.cdn.downloads.size;
    await refused(bench, member, await (ask ?? restore)(member), sentence);
    expect(await bench.db.request.count()).toBe(before);
    expect(bench.discord.cdn.downloads.size).toBe(fetched);
  });
});

describe('after the clip was looked at', () => {
  it.each(everyLanguage(afterADownload))('%s, said to %s', async (_why, name, { given, ask }, sentence) => {
    const member = bench[name];
    await given?.(member);
    const asked = await (ask ?? restore)(member);
    await refused(bench, member, asked, sentence);
    const request = await bench.db.request.findUniqueOrThrow({
      where: { interactionId: asked.id },
      include: { quota: true, media: true, delivery: true, events: true },
    });
    expect(['refused', 'failed']).toContain(request.state);
    expect(request.code).toMatch(/^(refusal|input|download)\./);
    // Nothing is kept of it, nothing is charged, nothing more will be sent.
    expect([request.media, request.delivery, request.quota?.state ?? 'released']).toEqual([[], null, 'released']);
    expect(request.events.map(({ to }) => to)).toEqual(['received', request.state]);
  });
});

describe('what has been made, or is being made', () => {
  const cases: readonly Case[] = [
    {
      why: 'somebody else’s, on another server',
      ask: async (member) => {
        const id = await keptRequest(bench, bench.guild.member('dave'));
        await bench.db.request.update({ where: { id }, data: { guildId: 'another' } });
        return member.slash('result', { clip: id });
      },
      sentences: [
        /^I do not find that one any more\./,
        /^Je ne retrouve plus cette demande\./,
        /^Non trovo più questa richiesta\./,
      ],
    },
    {
      why: 'stopping one of another server',
      ask: async (member) => {
        const id = await waitingRequest(bench, bench.guild.member('dave'));
        await bench.db.request.update({ where: { id }, data: { guildId: 'another' } });
        return member.slash('cancel', { clip: id });
      },
      sentences: [
        /^I do not find that one any more\./,
        /^Je ne retrouve plus cette demande\./,
        /^Non trovo più questa richiesta\./,
      ],
    },
    {
      why: 'words instead of a choice',
      ask: (member) => member.slash('cancel', { clip: 'the one of yesterday' }),
      sentences: [
        /^I do not find that one any more\./,
        /^Je ne retrouve plus cette demande\./,
        /^Non trovo più questa richiesta\./,
      ],
    },
    {
      why: 'stopping somebody else’s',
      ask: async (member) => member.slash('cancel', { clip: await waitingRequest(bench, bench.guild.member('dave')) }),
      sentences: [
        'Only the member who asked for it, or a moderator of this server, can do that.',
        'Seule la personne qui a fait la demande, ou la modération de ce serveur, peut faire cela.',
        'Può farlo solo chi l’ha chiesto, o la moderazione di questo server.',
      ],
    },
    {
      why: 'stopping what has ended',
      ask: async (member) => member.slash('cancel', { clip: await keptRequest(bench, member) }),
      sentences: [/^That one has already ended/, /^Celle-ci est déjà terminée/, /^Questa è già terminata/],
    },
    {
      why: 'a result whose time is over',
      ask: async (member) => {
        const clip = await keptRequest(bench, member, { forMs: 1000 });
        bench.discord.clock.advance(2000);
        return member.slash('result', { clip });
      },
      sentences: [
        /^This result is no longer kept\./,
        /^Ce résultat n’est plus conservé\./,
        /^Questo risultato non è più conservato\./,
      ],
    },
    {
      why: 'a result that a moderator holds',
      ask: async (member) => {
        const clip = await keptRequest(bench, member);
        await changeState(bench.db, clip, 'held', { actor: 'moderator:1', now: new Date() });
        return member.slash('result', { clip });
      },
      sentences: [
        /^A moderator is looking at this result\./,
        /^La modération examine ce résultat\./,
        /^La moderazione sta esaminando/,
      ],
    },
    {
      why: 'a result too large for the place',
      ask: async (member) => {
        const clip = await keptRequest(bench, member);
        await bench.db.mediaObject.updateMany({ data: { bytes: 11n * 2n ** 20n } });
        undo.push(() => bench.db.mediaObject.updateMany({ data: { bytes: BigInt(film.bytes.length) } }));
        return member.slash('result', { clip });
      },
      sentences: [
        'The file has 11 MiB, and 9.98 MiB is the most I can send here. Try /result on the server where it was made.',
        'Le fichier pèse 11 MiB, et je ne peux envoyer ici que 9,98 MiB au plus. Essayez /résultat sur le serveur où il a été fait.',
        'Il file pesa 11 MiB e qui posso inviare al massimo 9,98 MiB. Prova /risultato sul server dove è stato fatto.',
      ],
    },
    {
      why: 'direct messages that are closed',
      ask: async (member) => {
        member.closeDirectMessages();
        undo.push(() => {
          member.openDirectMessages();
        });
        return member.slash('result', { clip: await keptRequest(bench, member), to: 'direct' });
      },
      sentences: [/^I could not write to you/, /^Je n’ai pas pu vous écrire/, /^Non ho potuto scriverti/],
    },
  ];

  it.each(everyLanguage(cases))('%s, said to %s', async (_why, name, { ask }, sentence) => {
    const member = bench[name];
    await refused(bench, member, await ask!(member), sentence);
  });
});

describe('a result that is to be shown to others', () => {
  const show = (member: Member, clip: string): Asked => member.slash('result', { clip, to: 'channel' });
  /** An animation of theirs, in the bench's guild unless said otherwise. */
  const animated = async (member: Member, guildId: string | null = bench.guild.id): Promise<string> => {
    const id = await keptRequest(bench, member);
    const photoSha256 = 'ab'.repeat(32);
    const declared = { kind: 'artwork', declared: 'La Gioconda', textVersion: '1', textLocale: 'en' } as const;
    const now = new Date(bench.discord.clock.now());
    const consent = { ...declared, requesterId: member.id, guildId, photoSha256, now };
    const consentId = await inTransaction(bench.db, (tx) => recordConsent(tx, consent));
    const data = { command: 'animate', guildId, consentId, inputSha256: photoSha256 } as const;
    await bench.db.request.update({ where: { id }, data });
    return id;
  };

  const elsewhere: Case = {
    why: 'made on another server',
    ask: async (member) => show(member, await animated(member, 'another')),
    sentences: [
      'A result can be shown to others only on the server where it was made. Choose *Only me, here* or *A direct message to me*.',
      'Un résultat ne se montre aux autres que sur le serveur où il a été fait. Choisissez *Moi seulement, ici* ou *Un message privé*.',
      'Un risultato si mostra agli altri solo sul server dove è stato fatto. Scegli *Solo a me, qui* oppure *Un messaggio privato*.',
    ],
  };

  it.each(everyLanguage([elsewhere]))('%s, said to %s', async (_why, name, { ask }, sentence) => {
    const member = bench[name];
    await refused(bench, member, await ask!(member), sentence);
  });

  it.each<[string, RegExp, () => unknown]>([
    ['of somebody who is blocked', /^A moderator has blocked you/, () => block(bench.alice.id, bench.guild.id)],
    [
      'of somebody who lacks a role',
      /^On this server, \/animate is for these roles: <@&123456>/,
      () => settings({ animateRoles: ['123456'] }),
    ],
    [
      'of an artwork, where those are turned off',
      /^Artworks and persons of history were turned off/,
      () => settings({ artworksAllowed: false }),
    ],
    [
      'in a channel without an age limit, where one is wanted',
      /age-restricted channels only/,
      () => settings({ ageRestrictedOnly: true }),
    ],
    [
      'in an age-restricted channel, where nothing is animated',
      /^Photographs are not animated in age-restricted/,
      () => {
        const channel = bench.guild.channel('screening');
        bench.guild.setAgeRestricted(channel, true);
        undo.push(() => {
          bench.guild.setAgeRestricted(channel, false);
        });
      },
    ],
  ])('%s', async (_why, sentence, given) => {
    await given();
    await refused(bench, bench.alice, show(bench.alice, await animated(bench.alice)), sentence);
  });

  it('made in direct messages', async () => {
    const asked = show(bench.alice, await animated(bench.alice, null));
    await refused(bench, bench.alice, asked, /^A result can be shown to others only on the server/);
  });

  it('is theirs all the same: made elsewhere, and where they are blocked', async () => {
    const id = await animated(bench.alice, 'another');
    await block(bench.alice.id, bench.guild.id);
    const here = await bench.alice.slash('result', { clip: id }).answer();
    expect([here.isPrivate, here.files.length]).toEqual([true, 1]);
    bench.alice.slash('result', { clip: id, to: 'direct' });
    const sent = await bench.alice.sees(({ files }) => files.length > 0, { in: 'direct messages' });
    expect(sent.files).toHaveLength(1);
  });
});

it('a private result needs no permission in the channel', async () => {
  const channel = bench.guild.channel('screening');
  bench.guild.botMayNot(channel, PermissionFlagsBits.AttachFiles, PermissionFlagsBits.SendMessages);
  undo.push(() => {
    bench.guild.botMay(channel, PermissionFlagsBits.AttachFiles, PermissionFlagsBits.SendMessages);
  });
  const asked = restore(bench.alice, { private: true });
  const card = await bench.alice.sees(({ interactionId, buttons }) => interactionId === asked.id && buttons.length > 0);
  expect(card.isPrivate).toBe(true);
});

it('Discord found nothing wrong in all of this, and nothing went wrong here', () => {
  // It refuses to write to whoever has closed their direct messages, and nothing else.
  expect(bench.discord.journal.refused().filter(({ code }) => code !== 50007)).toEqual([]);
  expect(bench.troubles).toEqual([]);
});
