/** What members read: the card in each state, the result and the notices, their names and numbers in their own language. */
import type { APIMessageTopLevelComponent } from 'discord.js';
import { ComponentType } from 'discord.js';
import { describe, expect, it } from 'vitest';

import { sentenceOf } from '../../src/cli/report-error.ts';
import { readCustomId, writeCustomId } from '../../src/discord/custom-id.ts';
import { noticeAt, resultName } from '../../src/discord/delivery-message.ts';
import { nonceOf } from '../../src/discord/nonce.ts';
import { backOff, judge, smallerLimit } from '../../src/discord/delivery-places.ts';
import { errorSentence } from '../../src/discord/fault-answer.ts';
import { translatorOf } from '../../src/discord/localise.ts';
import { type Message, plain, tones } from '../../src/discord/message.ts';
import { type CardView, progressBar, progressCard } from '../../src/discord/progress-card.ts';
import { noticeMessage, undeliveredMessage, undeliveredWords } from '../../src/discord/notice-message.ts';
import { resultMessage, type ResultView } from '../../src/discord/result-message.ts';
import { errorCodes, LumiereError } from '../../src/engine/errors.ts';
import { type Language, languages } from '../../src/locale.ts';
import { queueReasons } from '../../src/queue/reasons.ts';
import type { ClaimedDelivery } from '../../src/store/deliveries.ts';

const requestId = '0197c0de-0000-7000-8000-000000000001';

/** A message as lines: texts as they are, buttons in brackets with their ids, media by their address. */
function read({ components }: Message): string[] {
  return components.flatMap((component: APIMessageTopLevelComponent) =>
    component.type !== ComponentType.Container
      ? []
      : component.components.flatMap((part) => {
          if (part.type === ComponentType.TextDisplay) return part.content.split('\n');
          if (part.type === ComponentType.MediaGallery) {
            return part.items.map(({ media, spoiler }) => `(${media.url}${spoiler ? ', hidden' : ''})`);
          }
          if (part.type !== ComponentType.ActionRow) return [];
          return part.components.map((one) =>
            'custom_id' in one && 'label' in one
              ? `[${one.label ?? ''} ${one.custom_id.split(':')[0] ?? ''}${one.disabled ? ' grey' : ''}]`
              : '',
          );
        }),
  );
}

const card = (view: Partial<CardView>, language: Language = 'en'): string[] =>
  read(
    progressCard(
      { requestId, state: 'waiting', inputName: 'old_film.mp4', hasWorker: true, cancelAsked: false, ...view },
      translatorOf(language),
      language,
    ),
  );

const soon = new Date(1_800_000_000_000);

describe('the card', () => {
  it.each([
    [{ state: 'received' }, ['### Fetching the file…']],
    [
      { state: 'received', hasWorker: false },
      ['### Fetching the file…', 'No machine is free at the moment. It starts as soon as one is there.'],
    ],
    [
      { place: 1, startsAt: soon, endsAt: soon },
      ['### Next in the queue', 'starts <t:1800000000:R> · ready <t:1800000000:R>'],
    ],
    [{ place: 7 }, ['### Number 7 in the queue']],
    [
      { place: 7, hasWorker: false },
      ['### Number 7 in the queue', 'No machine is free at the moment. It starts as soon as one is there.'],
    ],
    [{ state: 'running' }, ['### Having a look', '▱▱▱▱▱▱▱▱▱▱▱▱']],
    [
      { state: 'running', endsAt: soon, progress: { stage: 'restore', done: 423, total: 900, framesPerSecond: 8.04 } },
      ['### Restoring', '▰▰▰▰▰▱▱▱▱▱▱▱ 47 %', '423/900 frames · 8.04 fps · ready <t:1800000000:R>'],
    ],
    [
      { state: 'running', progress: { stage: 'fit', done: 40, total: 100 } },
      ['### Fitting to the size limit', '▰▰▰▰▱▱▱▱▱▱▱▱ 40 %'],
    ],
  ] as [Partial<CardView>, string[]][])('%j', (view, lines) => {
    expect(card(view)).toEqual([...lines, String.raw`-# old\_film.mp4`, '[Cancel cancel]']);
  });

  it.each([
    ['en', 'and can answer until <t:1800000000:f>. '],
    ['fr', 'Réponse possible jusqu’au <t:1800000000:f>. '],
    ['it', 'c’è tempo fino al <t:1800000000:f>. '],
  ] as const)('says in %s until when somebody may answer', (language, words) => {
    expect(card({ state: 'asking', asked: { memberId: '7', answerBy: soon } }, language)[1]).toContain(words);
  });

  it('greys its button once it is stopping', () => {
    expect(card({ state: 'running', cancelAsked: true })).toEqual(['### Stopping…', '[Cancel cancel grey]']);
  });

  it('has a bar that is full at the end only, whatever the numbers say', () => {
    expect([0, 0.999, 1, 1.2, -1].map(progressBar).map((bar) => bar.replaceAll('▱', '').length)).toEqual([
      0, 11, 12, 12, 0,
    ]);
    expect(card({ state: 'running', progress: { stage: 'restore', done: 5, total: 0 } })).toContain('▱▱▱▱▱▱▱▱▱▱▱▱ 0 %');
  });

  it('writes numbers as the language does', () => {
    const progress = { stage: 'restore', done: 1, total: 9, framesPerSecond: 8.04 } as const;
    expect(card({ state: 'running', progress }, 'fr').join()).toContain('1/9 images · 8,04 i/s');
    expect(card({ state: 'running', progress }, 'it').join()).toContain('1/9 fotogrammi · 8,04 fps');
  });
});

const result: ResultView = {
  requestId,
  requesterId: '42',
  inputName: 'old_film.mp4',
  fileName: 'old_film.restored.mp4',
  isSpoiler: false,
  isCompared: true,
  limits: [],
  before: { width: 320, height: 240, rate: { num: 12, den: 1 }, bytes: 1_234_567 },
  after: { width: 960, height: 720, rate: { num: 30_000, den: 1001 }, bytes: 9_800_000 },
  givenUp: [
    { what: 'quality', from: 18, to: 24 },
    { what: 'size', from: { width: 1280, height: 960 }, to: { width: 960, height: 720 } },
    { what: 'rate', from: { num: 60, den: 1 }, to: { num: 30, den: 1 } },
    { what: 'sound', to: 64_000 },
    { what: 'bit-rate', to: 800_000 },
  ],
  warnings: [{ code: 'sound.one-kept', params: { count: 2, kept: 1 } }],
  seconds: 185,
  keptUntil: soon,
};

describe('the result', () => {
  it('shows the clip first, then what became of it, then what it cost', () => {
    const said = resultMessage(result, { place: 'interaction', askedIn: '7' }, translatorOf('en'), 'en');
    expect(read(said)).toEqual([
      '(attachment://old_film.restored.mp4)',
      '320×240, 12 fps, 1.18 MiB → **960×720, 29.97 fps, 9.35 MiB**',
      '- Quality lowered to fit the size limit (CRF 18 to 24)',
      '- Picture reduced to 960x720 to fit the size limit',
      '- Frame rate lowered from 60 to 30 to fit the size limit',
      '- Sound reduced to 64 kbit/s to fit the size limit',
      '- Quality lowered to fit the size limit: the picture has 800 kbit/s',
      '- Of 2 sound tracks, number 1 was kept.',
      '-# made in 3m 05s · `/result` gives it again until <t:1800000000:f>',
      '[Compare compare]',
      '[Report report]',
    ]);
    expect(said.allowed_mentions).toEqual({ parse: [] });
  });

  it('says whose it is where it does not stand under the command, and pings only them', () => {
    const at = (place: 'channel' | 'direct'): Message =>
      resultMessage({ ...result, isSpoiler: true }, { place, askedIn: '7' }, translatorOf('en'), 'en');
    expect(read(at('channel'))[0]).toBe('(attachment://old_film.restored.mp4, hidden)');
    expect(read(at('channel'))[1]).toBe(String.raw`For <@42>: old\_film.mp4`);
    expect(at('channel').allowed_mentions).toEqual({ parse: [], users: ['42'] });
    expect(read(at('direct'))[1]).toBe(String.raw`You asked for this in <#7>: old\_film.mp4`);
    expect(at('direct').allowed_mentions).toEqual({ parse: [] });
  });

  it('of an animation says how real it looks, what cost most and what was held back; nothing is compared', () => {
    const view: ResultView = {
      ...{ requestId, requesterId: '42', fileName: 'lisa.animated.mp4', isSpoiler: false, isCompared: false },
      after: { width: 640, height: 960, rate: { num: 25, den: 1 }, bytes: 2_000_000 },
      instead: 'GIF',
      realism: {
        score: 84,
        band: 'convincing',
        parts: ['sharpness', 'blink', 'jitter', 'seam'].map((name, at) => ({ name, points: 9 - at })),
      },
      limits: [{ code: 'head.yaw', value: 14.04, frames: 12 }],
      givenUp: [],
      warnings: [{ code: 'face.several', params: { count: 3, number: 2 } }],
      seconds: 12,
    };
    const lines = read(resultMessage(view, { place: 'interaction', askedIn: '7' }, translatorOf('en'), 'en'));
    expect(lines.slice(0, 3)).toEqual([
      '(attachment://lisa.animated.mp4)',
      '**640×960, 25 fps, 1.91 MiB**',
      'Realism: 84 of 100, convincing',
    ]);
    // The three that cost most, the most first.
    expect(lines[3]).toMatch(/^-# .+\(-9\) · .+\(-8\) · .+\(-7\)$/);
    expect(lines.slice(4)).toEqual([
      '- Made an MP4 to fit the size limit: as GIF it was too large',
      "- The head's turn was held to 14 degrees, in 12 frames.",
      '- Of 3 faces, number 2 from the left was taken.',
      '-# made in 12s',
      '[Report report]',
    ]);
    for (const language of ['fr', 'it'] as const) {
      const said = read(resultMessage(view, { place: 'interaction', askedIn: '7' }, translatorOf(language), language));
      expect(said.join(' ')).not.toMatch(/realism|limits\.|warnings\.|given-up/);
    }
  });

  it('is still a message when nothing is known but the file', () => {
    const bare: ResultView = {
      requestId,
      requesterId: '42',
      fileName: 'a.mp4',
      isSpoiler: false,
      isCompared: true,
      limits: [],
      givenUp: [],
      warnings: [],
    };
    expect(read(resultMessage(bare, { place: 'interaction', askedIn: '7' }, translatorOf('en'), 'en'))).toEqual([
      '(attachment://a.mp4)',
      '[Compare compare]',
      '[Report report]',
    ]);
  });
});

describe('a notice', () => {
  const notice = (code: string, params = {}): string[] =>
    read(
      noticeMessage(
        {
          ...{ command: 'restore', requesterId: '42', inputName: 'a.mp4', isFree: true },
          reason: { sentence: errorSentence(code, params, translatorOf('en')) },
        },
        { place: 'interaction', askedIn: '7' },
        translatorOf('en'),
      ),
    );

  it('says what the member can mend, without paths of the machine', () => {
    expect(notice('input.too-small', { width: 1, height: 1, limit: 16, path: '/srv/lumiere/ab12' })).toEqual([
      '### This clip could not be restored',
      'The picture is 1x1; the shorter side must have at least 16 pixels.',
      '-# It does not count against your quota.',
      '-# a.mp4',
    ]);
    expect(notice('input.unreadable', { path: '/srv/lumiere/ab12' }).join('\n')).not.toContain('/srv');
  });

  it('of what somebody stopped does not speak of a failure', () => {
    const said = (code: string, computeSeconds: number | null, isPrivate = false) => {
      const request = {
        command: 'restore',
        locale: 'en',
        state: 'cancelled',
        codeParameters: null,
        inputName: 'a.mp4',
      };
      const row = { ...request, code, computeSeconds, requesterId: '42', reply: { isPrivate } };
      const message = noticeAt({ request: row } as unknown as ClaimedDelivery, 'interaction');
      expect(message.components).toMatchObject([{ accent_color: tones.waiting }]);
      return read(message);
    };
    const byModerator = 'That was decided by a moderator of the server. You can ask them about it.';
    const free = '-# It does not count against your quota.';
    expect(said('queue.deleted-by-moderator', 7)).toEqual(['### Stopped', byModerator, '-# a.mp4']);
    expect(said('queue.deleted-by-moderator', null)).toEqual(['### Stopped', byModerator, free, '-# a.mp4']);
    expect(said('queue.requester-blocked', 7, true)).toEqual([
      '### Stopped',
      expect.stringContaining('has blocked you') as string,
      '-# a.mp4',
    ]);
    expect(said('queue.requester-blocked', 7)).toEqual(['### Stopped', 'Nothing of it is kept.', '-# a.mp4']);
    expect(said('queue.unanswered', null)[0]).toBe('### Stopped');
    expect(said('job.cancelled', 7)[0]).toBe('### Cancelled');
  });

  it('begins with a capital, whatever begins it', () => {
    for (const language of languages) {
      const t = translatorOf(language);
      const said = [...errorCodes, ...queueReasons].map((code) => errorSentence(code, { path: '/srv/ab12' }, t));
      expect(said.filter((sentence) => /^\p{Ll}/u.test(sentence))).toEqual([]);
      // On the command line too, where it is not known which file it is.
      const errors = errorCodes.map((code) => sentenceOf(new LumiereError(code), t));
      const words = [t('errors.this-file'), t('errors.this-place')];
      expect(errors.filter((sentence) => words.some((word) => sentence.startsWith(word)))).toEqual([]);
    }
    expect(notice('input.empty')[1]).toMatch(/^The file is empty \(0 bytes\)\./);
    expect(sentenceOf(new LumiereError('input.empty', { path: 'the file of mine.mp4' }), translatorOf('en'))).toMatch(
      /^the file/,
    );
  });

  it('has no word of programs, of their options or of the machine', () => {
    const said = [
      notice('input.corrupt', { detail: '[mov @ 0x5581] error reading /srv/lumiere/ab12' }),
      notice('request.invalid', { option: 'fps', value: '300/1', expected: '1..240' }),
      notice('request.invalid', { option: 'height', value: 9, expected: '16..4320' }),
      notice('output.size-unreachable', { limit: 10_000_000 }),
      notice('input.not-found', { path: '/srv/lumiere/ab12' }),
    ].map((lines) => lines[1]!);
    expect(said.join('\n')).not.toMatch(/--|\/srv|0x|the file at|Allow more/);
    expect(said[1]).toBe(
      'The result would have 300 frames a second, and only 1–240 can be made. Choose another rate with the option “fps”.',
    );
  });

  it('of a result that is there does not speak of a failure or of the quota', () => {
    const view = { requesterId: '42', inputName: 'a.mp4' };
    const at = { place: 'interaction', askedIn: '7' } as const;
    const t = translatorOf('en');
    expect(read(undeliveredMessage({ ...view, reason: { limit: 2 ** 20, keptUntil: soon } }, at, t))).toEqual([
      '### The result is too large for this place',
      'It is made, but its file cannot be brought under 1 MiB.',
      '`/result` gives it where larger files are allowed, until <t:1800000000:f>.',
      '-# a.mp4',
    ]);
    expect(read(undeliveredMessage({ ...view, reason: 'gone' }, at, t))).toEqual([
      '### The result could not be delivered',
      'Its file is no longer kept here. Ask for it again to have it.',
      '-# a.mp4',
    ]);
    const codes = ['discord-50007', 'discord-40005', 'output.size-unreachable', 'too-many-edits', null];
    expect(codes.map((code) => undeliveredWords(code, t))).toEqual([
      'not delivered: your direct messages are closed to me',
      'not delivered: it was too large for the place',
      'not delivered: it was too large for the place',
      'not delivered: Discord did not take it (too-many-edits)',
      undefined,
    ]);
  });

  it('leaves what is for whoever runs the machine to them', () => {
    expect(notice('model.not-installed', { model: 'x' })[1]).toContain('(`model.not-installed`)');
  });
});

describe('a name that a member gave', () => {
  it('cannot format, mention, link, break the line or turn the writing', () => {
    expect(plain('**a** <@1> [b](c) `d`\n# e\u202Egpj.mp4')).toBe(
      String.raw`\*\*a\*\* \<\@1\> \[b\]\(c\) \`d\`\# egpj.mp4`,
    );
  });

  it.each([
    ['Été à la mer (1932).MOV', 'E_te_a_la_mer_1932.restored.mp4'],
    ['../../etc/passwd', 'clip.restored.mp4'],
    ['映画.mp4', 'clip.restored.mp4'],
    [null, 'clip.restored.mp4'],
    [`${'x'.repeat(300)}.mp4`, `${'x'.repeat(60)}.restored.mp4`],
  ])('%s gives the file name %s', (given, name) => {
    expect(resultName({ command: 'restore', inputName: given }, 'video/mp4')).toBe(name);
  });
});

it.each([
  ['video/mp4', 'Mona Lisa.JPG', 'Mona_Lisa.animated.mp4'],
  ['image/gif', 'lisa.png', 'lisa.animated.gif'],
  ['image/webp', '絵.png', 'photo.animated.webp'],
])('an animation as %s of %s is saved as %s', (mediaType, inputName, name) => {
  expect(resultName({ command: 'animate', inputName }, mediaType)).toBe(name);
});

it('ids of buttons are read as they were written, and others not at all', () => {
  const id = writeCustomId('compare', requestId, 'a:b');
  expect(readCustomId(id)).toEqual({ action: 'compare', subject: requestId, argument: 'a:b' });
  expect(readCustomId('cancel')).toBeUndefined();
  expect(() => writeCustomId('a:b', 'c')).toThrow(RangeError);
  expect(() => writeCustomId('a', 'c', 'd'.repeat(100))).toThrow(RangeError);
});

it('a nonce is of one request at one place, until it was sent there, and short enough', () => {
  const nonces = [
    nonceOf(requestId, 'channel', 0),
    nonceOf(requestId, 'direct', 0),
    nonceOf(requestId, 'channel', 1),
    nonceOf('other', 'channel', 0),
  ];
  expect(new Set(nonces).size).toBe(4);
  expect(nonceOf(requestId, 'channel', 0)).toBe(nonces[0]);
  expect(nonces.every((nonce) => nonce.length <= 25)).toBe(true);
});

it('waits grow to a minute, sizes shrink to what every place takes, then by half', () => {
  expect([0, 1, 5, 6, 50].map(backOff)).toEqual([1000, 2000, 32_000, 60_000, 60_000]);
  const all = 10 * 2 ** 20 - 16 * 2 ** 10;
  expect([50_000_000, all, 300_000, 199_998].map(smallerLimit)).toEqual([all, all / 2, 150_000, undefined]);
});

it('a mistake of ours is not tried for ever, what the line does is', () => {
  const cut = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
  const aborted = new DOMException('This operation was aborted', 'AbortError');
  expect([judge(cut), judge(aborted)].map(({ act, problem }) => `${act} ${problem}`)).toEqual([
    'again unanswered',
    'again unanswered-late',
  ]);
  const lost = Object.assign(new Error('no such file'), { code: 'ENOENT' });
  expect(judge(lost)).toEqual({ act: 'next', problem: 'fault' });
  expect(judge(new TypeError('undefined is not a function'))).toEqual({ act: 'next', problem: 'fault' });
});
