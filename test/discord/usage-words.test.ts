/** What moderators read of requests: why one ended, what a post of the log channel says, in each language. */
import { ComponentType } from 'discord.js';
import { describe, expect, it } from 'vitest';

import { translatorOf } from '../../src/discord/localise.ts';
import { logPost } from '../../src/discord/log-post.ts';
import type { Message } from '../../src/discord/message.ts';
import { endWords, parameterWords } from '../../src/discord/usage-words.ts';
import type { Language } from '../../src/locale.ts';
import type { FeedItem } from '../../src/store/log-feed.ts';

const texts = ({ components }: Message): string =>
  components
    .flatMap((component) => (component.type === ComponentType.Container ? component.components : []))
    .flatMap((part) => (part.type === ComponentType.TextDisplay ? [part.content] : []))
    .join('\n');

const end = (state: 'refused' | 'failed' | 'kept' | 'removed', code: string | null, codeParameters: unknown = null) =>
  endWords({ state, code, codeParameters }, translatorOf('en'), 'en');

describe('why a request ended', () => {
  it('is told with its moments and lists as its member read it', () => {
    expect(end('refused', 'refusal.too-often', { limit: 3, freesAt: '2027-01-15T08:00:00.000Z' })).toBe(
      'That has been asked 3 times within the hour, which is as often as it can be. You can ask again <t:1800000000:R>.',
    );
    const lacking = { permissions: ['AttachFiles', 'SendMessages'] };
    expect(end('refused', 'refusal.bot-lacks-permission', lacking)).toMatch(/: I lack [^,.{]+ and [^,.{]+\. Ask/);
  });

  it('names the file that Discord did not give out, and no machine', () => {
    expect(end('failed', 'download.expired')).toMatch(/^Discord no longer gives this file out: /);
  });

  it('of a result that waits for its member says why, in words', () => {
    expect(end('kept', 'discord-50007')).toBe('not delivered: your direct messages are closed to me');
    expect(end('kept', null)).toBeUndefined();
    expect(end('removed', 'discord-50007')).toBe('`discord-50007`');
  });
});

it.each([
  ['en', 'motion: Smile · camera: None'],
  ['fr', 'mouvement : Sourire · caméra : Fixe'],
  ['it', 'movimento: Sorridere · camera: Fissa'],
] as const)('what was asked reads in %s as the command does', (language, words) => {
  const parameters = { motion: 'smile', camera: 'none' };
  expect(parameterWords({ command: 'animate', parameters }, translatorOf(language))).toBe(words);
});

describe('a post of the log channel', () => {
  const at = new Date(1_800_000_000_000);
  const request = { id: 'one', command: 'animate', requesterId: '1', channelId: '2', codeParameters: null };
  const post = (item: unknown, language: Language): string =>
    texts(logPost([item as FeedItem], translatorOf(language), language)).replace(/^<t:\d+:t> /, '');
  const refused = (code: string | null) => ({
    ...{ kind: 'event', at, request },
    row: { from: 'received', to: 'refused', actor: 'bot', code },
  });

  it.each([
    [
      'en',
      '🚫 /animate by <@1> in <#2>: refused. They were told: “You did not answer in time, so it was given up. Please ask again.”',
    ],
    [
      'fr',
      '🚫 /animer de <@1> dans <#2> : refusée. Le membre a lu : « Vous n’avez pas répondu à temps : la demande est abandonnée. Recommencez quand vous voulez. »',
    ],
    [
      'it',
      '🚫 /anima di <@1> in <#2>: rifiutata. Il membro ha letto: «Non hai risposto in tempo: la richiesta è stata abbandonata. Riprova quando vuoi.»',
    ],
  ] as const)('says in %s what its member was told as their words, not as its own', (language, words) => {
    expect(post(refused('queue.unanswered'), language)).toBe(words);
  });

  it('is whole without a reason', () => {
    expect(post(refused(null), 'en')).toBe('🚫 /animate by <@1> in <#2>: refused.');
  });

  it.each([
    ['en', '🛡 <@3> changed the settings: “Artworks and persons of history may be animated” and “Log channel”'],
    [
      'fr',
      '🛡 <@3> a modifié les réglages : « Œuvres et personnages historiques peuvent être animés » et « Salon du journal »',
    ],
    [
      'it',
      '🛡 <@3> ha cambiato le impostazioni: «Opere e personaggi storici si possono animare» e «Canale del registro»',
    ],
  ] as const)('names in %s the settings that were changed as /settings does', (language, words) => {
    const detail = { artworksAllowed: false, logChannelId: '2' };
    const row = { kind: 'changeSettings', moderatorId: '3', targetUserId: null, requestId: null, reason: null, detail };
    expect(post({ kind: 'action', at, row }, language)).toBe(words);
  });

  it('has room for every setting at once', () => {
    const names = ['userJobsPerDay', 'guildJobsPerDay', 'maxClipSeconds', 'restoreRoles', 'animateRoles', 'roleQuotas'];
    const detail = Object.fromEntries([...names, ...names.map((name) => `${name}Too`)].map((name) => [name, null]));
    const row = { kind: 'changeSettings', moderatorId: '3', targetUserId: null, requestId: null, reason: null, detail };
    expect(post({ kind: 'action', at, row }, 'fr').length).toBeLessThan(300);
  });
});
