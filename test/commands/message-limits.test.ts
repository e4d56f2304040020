/**
 * Messages with the longest of all that may stand in them: Discord refuses one that is too long, and nobody would be told
 * anything. Held to the rules of the test server, and in every language.
 */
import { ComponentType } from 'discord.js';
import { expect, it } from 'vitest';

import { consentQuestion } from '../../src/commands/consent-question.ts';
import { revokedMessage } from '../../src/commands/consent-revoke.ts';
import { statusMessage, whoHasMessage } from '../../src/commands/consent-words.ts';
import { detailMessage } from '../../src/commands/usage-detail.ts';
import { listMessage, rowsOnPage } from '../../src/commands/usage-list.ts';
import { verificationMessage } from '../../src/commands/verify.ts';
import { translatorOf } from '../../src/discord/localise.ts';
import { logPost } from '../../src/discord/log-post.ts';
import type { Message } from '../../src/discord/message.ts';
import { fitted, linesWithin } from '../../src/discord/shorten.ts';
import { languages } from '../../src/locale.ts';
import { verification } from '../../src/queue/verification.ts';
import { requestFaults } from '../fakes/discord/api/validation.ts';
import { componentFaults } from '../fakes/discord/rules/components.ts';

/** Escaped, each of its characters is two; in pairs of surrogates, two are one. */
const words = (length: number): string =>
  '*🎞'
    .repeat(length)
    .slice(0, length)
    .replace(/[\uD800-\uDBFF]$/, '*');
const id = (at: number): string => `0197c0de-0000-7000-8000-${String(at).padStart(12, '0')}`;
const member = (at: number): string => String(1_200_000_000_000_000_000n + BigInt(at));
const at = new Date(1_800_000_000_000);
const many = <Item>(count: number, make: (at: number) => Item): Item[] =>
  Array.from({ length: count }, (_, n) => make(n));
/** Rows of the database, of which only what is shown is written here. */
const rows = (row: unknown): never => row as never;

const parameters = {
  ...{
    version: 1,
    command: 'animate',
    motion: 'smile',
    camera: 'hand-held',
    strength: 1.25,
    seconds: 10,
    format: 'mp4',
  },
  caption: { above: words(100), below: words(100) },
};

const request = (n: number) => ({
  ...{
    id: id(n),
    command: 'animate',
    state: 'delivered',
    guildId: member(1),
    channelId: member(2),
    requesterId: member(3),
  },
  ...{ locale: 'fr', parameters, inputName: words(80), inputSha256: 'a'.repeat(64), inputBytes: 9_999_999 },
  ...{ computeSeconds: 36_000, code: 'queue.requester-blocked-everywhere', codeParameters: null, outcome: null },
  ...{ resultSha256: 'b'.repeat(64), markId: 'c'.repeat(12), inputHash: '0123456789abcdef', resultExpiresAt: null },
  ...{ createdAt: at, queuedAt: at, startedAt: at, finishedAt: at },
  delivery: { kind: 'result', place: 'channel', channelId: member(4), messageId: member(5) },
  reply: { isPrivate: false },
  postings: many(12, (at) => ({ channelId: member(4), messageId: member(at), isPrivate: at === 3 })),
});
const consent = (n: number) => ({
  ...{ id: id(n), kind: 'member', scope: 'requester', state: 'given', subjectId: member(6), requesterId: member(n) },
  ...{ guildId: member(1), channelId: member(4), messageId: member(5), declared: words(200), decidedBy: member(7) },
  ...{
    decidedAt: at,
    askedAt: at,
    answerBy: at,
    expiresAt: new Date(at.getTime() + 1),
    textVersion: 'v1',
    textLocale: 'fr',
  },
});
const report = (n: number) => ({
  ...{ id: id(n), requestId: id(n), reporterId: member(n), reason: words(1000), state: 'open', createdAt: at },
});
const action = (n: number) => ({
  ...{
    id: n,
    kind: 'unblockPicture',
    requestId: id(n),
    moderatorId: member(n),
    targetUserId: member(n),
    reason: words(500),
  },
  ...{ detail: null, at },
});
const event = (n: number) => ({
  id: n,
  from: 'running',
  to: 'failed',
  actor: `moderator:${member(n)}`,
  code: 'refusal.clip-too-costly',
  at,
});

const settings = many(40, (n) => [`nameOfASetting${n}`, n] as const);
const others = { state: 'valid', generator: words(200), signer: words(200), sourceTypes: ['trainedAlgorithmicMedia'] };

type Make = (t: ReturnType<typeof translatorOf>, language: (typeof languages)[number]) => Message;

const messages: readonly (readonly [string, Make])[] = [
  [
    'a post of the log channel with five of each kind',
    (t, language) =>
      logPost(
        rows(
          many(5, (n) => [
            { kind: 'event', at, row: event(n), request: request(n) },
            { kind: 'action', at, row: action(n), request: request(n) },
            { kind: 'report', at, row: report(n), request: request(n) },
            { kind: 'consent', at, row: { to: 'given' }, consent: { ...consent(n), subjectId: member(8) } },
          ]).flat(),
        ),
        t,
        language,
      ),
  ],
  [
    'a post about settings, all of them, five times',
    (t, language) => {
      const row = { ...action(1), kind: 'changeSettings', detail: Object.fromEntries(settings) };
      return logPost(rows(many(5, () => ({ kind: 'action', at, row }))), t, language);
    },
  ],
  [
    '/usage show',
    (t, language) =>
      detailMessage(
        rows({
          ...{
            ...request(1),
            state: 'held',
            consent: consent(2),
            isRequesterBlocked: true,
            pictureBlock: undefined,
            media: [],
          },
          ...{
            reports: many(9, report),
            actions: many(30, action),
            events: many(40, event),
            removal: { state: 'failed' },
          },
        }),
        undefined,
        t,
        language,
      ),
  ],
  [
    '/usage list',
    (t, language) => {
      const page = many(rowsOnPage, (n) => ({ ...request(n), state: 'delivering', reports: many(999, report) }));
      const wish = {
        ...{ requesterId: member(1), subjectId: member(2), command: 'animate', group: 'cancelled', from: at, to: at },
        reported: 'upheld',
      };
      return listMessage(rows({ rows: page, next: id(1), previous: id(2) }), rows(wish), t, language);
    },
  ],
  [
    '/consent status',
    (t) => {
      const [gave, questions] = [
        many(21, consent),
        many(42, (n) => ({ ...consent(n), subjectId: n % 2 ? null : member(6) })),
      ];
      return statusMessage(rows({ memberId: member(6), gave, questions, refused: gave, now: at, most: 20 }), t);
    },
  ],
  [
    '/consent who-has-mine',
    (t) =>
      whoHasMessage(
        rows(many(21, (n) => ({ ...consent(n), requests: many(50, request) }))),
        { now: at, most: 20, isHere: () => true },
        t,
      ),
  ],
  [
    '/consent revoke',
    (t) => {
      const requests = many(100, (n) => ({ id: id(n), stopped: 'removed', requesterId: member(n) }));
      const removals = many(100, (n) => ({
        state: n < 3 ? 'waiting' : 'failed',
        problem: 'discord-50013',
        request: request(n),
      }));
      return revokedMessage(rows({ requests, removals, subjectId: member(6) }), t);
    },
  ],
  [
    'the question to a moderator',
    (t) =>
      consentQuestion(
        rows({
          ...{
            consentId: id(1),
            requesterId: member(1),
            parameters,
            face: 12,
            declared: words(200),
            answerBy: at,
            isPrivate: true,
          },
          fileName: 'photo.jpg',
        }),
        t,
      ),
  ],
  [
    'the question to a member',
    (t) =>
      consentQuestion(
        rows({
          ...{
            consentId: id(1),
            requesterId: member(1),
            subjectId: member(2),
            parameters,
            face: 12,
            answerBy: at,
            isPrivate: true,
          },
          fileName: 'photo.jpg',
        }),
        t,
      ),
  ],
  [
    '/verify',
    (t) =>
      verificationMessage(
        verification.parse({
          ...{ version: 1, madeHere: true, certainty: 'very-likely', kind: 'restoration', madeAt: at.toISOString() },
          ...{ altered: true, others, unread: ['watermark'], logRead: true },
          evidence: [
            { kind: 'log' },
            { kind: 'manifest' },
            { kind: 'watermark', payload: 'c'.repeat(12), falsePositive: 1e-9 },
            { kind: 'manifest-altered' },
            { kind: 'likeness', share: 0.99, distance: 7 },
          ],
          input: many(3, () => ({ madeHere: true, others })),
        }),
        id(1),
        t,
      ),
  ],
];

const textOf = ({ components }: Message): string =>
  components
    .flatMap((one) => (one.type === ComponentType.Container ? one.components : []))
    .flatMap((part) => (part.type === ComponentType.TextDisplay ? [part.content] : []))
    .join('\n');

it.each(messages.flatMap(([name, make]) => languages.map((language) => [name, language, make] as const)))(
  '%s is one that Discord takes (%s)',
  (_, language, make) => {
    const said = make(translatorOf(language), language);
    const body = JSON.parse(JSON.stringify(said)) as Message;
    expect(requestFaults('/channels/{channel_id}/messages', 'post', body)).toEqual([]);
    expect(componentFaults(body.components as Parameters<typeof componentFaults>[0], true, ['photo.jpg'])).toEqual([]);
    // Half a character is none that Discord takes.
    expect(textOf(said)).not.toMatch(/\p{Cs}/u);
    expect(textOf(said).length).toBeGreaterThan(500);
  },
);

it('of a request everything is told, and its number, however long the reasons', () => {
  const [, show] = messages.find(([name]) => name === '/usage show')!;
  const said = textOf(show(translatorOf('fr'), 'fr'));
  expect(said.endsWith(`-# ${id(1)}`)).toBe(true);
  expect(said.match(/\\\*🎞/g)!.length).toBeGreaterThan(20);
});

it('where there is no room for all, the longest lose first and what is short is whole', () => {
  const texts = ['short', words(300), words(90)];
  const write = (most: number): string =>
    texts.map((one) => (one.length > most ? `${one.slice(0, most - 1)}…` : one)).join('|');
  expect(fitted(write, { most: 500, room: 1000 })).toBe(texts.join('|'));
  const tight = fitted(write, { most: 500, room: 200 }).split('|');
  expect([tight[0], tight[2]]).toEqual(['short', words(90)]);
  expect(tight[1]).toHaveLength(200 - 5 - words(90).length - 2);
  expect(fitted(() => words(50), { most: 10, room: 20 }).length).toBeLessThanOrEqual(20);
});

it('of too many lines as many are shown as there is room for, and that there are more', () => {
  expect(linesWithin(['one', 'two'], { more: 'and more', room: 7 })).toBe('one\ntwo');
  expect(linesWithin(['one', 'two', 'three'], { more: '…', room: 9 })).toBe('one\ntwo\n…');
});
