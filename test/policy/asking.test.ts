/** Who may ask, and who may stop what was asked: each fact alone decides, at its limit and one beyond it. */
import { describe, expect, it } from 'vitest';

import { type AskingFacts, mayHandle, refuseAsking } from '../../src/policy/asking.ts';
import { defaultLimits, type Limits } from '../../src/policy/limits.ts';
import { Refusal } from '../../src/policy/refusal.ts';

const limits: Limits = { ...defaultLimits, maxInputBytes: 1000, maxOpenPerUser: 3, maxWaiting: 7 };

const fine: AskingFacts = {
  command: 'restore',
  roles: ['10'],
  allowedRoles: [],
  moderates: 'nothing',
  ageRestrictedOnly: false,
  channelAge: 'open',
  lackingPermissions: [],
  openOfMember: 2,
  waiting: 6,
  room: 1001,
  claimed: [{ bytes: 1000, contentType: 'video/mp4' }],
};

describe('asking', () => {
  it('is allowed at every limit', () => {
    expect(refuseAsking(fine, limits)).toBeUndefined();
  });

  it('animates in age-restricted channels where the operator says so, and restores there anyway', () => {
    const there = { ...fine, channelAge: 'restricted' } as const;
    expect(refuseAsking(there, limits)).toBeUndefined();
    expect(refuseAsking({ ...there, command: 'animate' }, { ...limits, ageRestrictedChannels: true })).toBeUndefined();
  });

  it.each([
    ['restore', false, false, undefined],
    ['restore', true, true, 'refusal.channel-unknown'],
    ['animate', false, false, 'refusal.channel-unknown'],
    ['animate', false, true, undefined],
    ['animate', true, true, 'refusal.channel-unknown'],
  ] as const)(
    'takes a channel of which nothing is known for the kind that may not (%s, for adults only: %s, let there: %s)',
    (command, ageRestrictedOnly, ageRestrictedChannels, code) => {
      const there = { ...fine, command, ageRestrictedOnly, channelAge: 'unknown' } as const;
      expect(refuseAsking(there, { ...limits, ageRestrictedChannels })?.code).toBe(code);
    },
  );

  it.each<[string, Partial<AskingFacts>, string, object]>([
    ['a block here', { blocked: 'here' }, 'refusal.blocked-here', {}],
    ['a block everywhere', { blocked: 'everywhere' }, 'refusal.blocked-everywhere', {}],
    [
      'a role that is lacking',
      { allowedRoles: ['11', '12'] },
      'refusal.role-needed',
      { command: 'restore', roles: ['<@&11>', '<@&12>'] },
    ],
    ['a channel without an age limit', { ageRestrictedOnly: true }, 'refusal.age-restricted-only', {}],
    [
      'an animation in a channel with one',
      { command: 'animate', channelAge: 'restricted' },
      'refusal.age-restricted-channel',
      {},
    ],
    [
      'permissions that the bot lacks',
      { lackingPermissions: ['AttachFiles'] },
      'refusal.bot-lacks-permission',
      { permissions: ['AttachFiles'] },
    ],
    ['what its command has against it', { unfit: new Refusal('refusal.one-motion') }, 'refusal.one-motion', {}],
    [
      'a file one byte over',
      { claimed: [{ bytes: 1 }, { bytes: 1001 }] },
      'refusal.file-too-large',
      { bytes: 1001, limit: 1000 },
    ],
    ['as many open as may be', { openOfMember: 3 }, 'refusal.too-many-open', { open: 3, limit: 3 }],
    ['a store without room for it', { room: 1000 }, 'refusal.store-full', {}],
    [
      'a store without room for all of it',
      { room: 1500, claimed: [{ bytes: 800 }, { bytes: 700 }] },
      'refusal.store-full',
      {},
    ],
    ['a store that is full', { room: 0, claimed: [] }, 'refusal.store-full', {}],
    ['a queue that is full', { waiting: 7 }, 'refusal.queue-full', { waiting: 7, limit: 7 }],
  ])('is refused for %s', (_why, fact, code, params) => {
    expect(refuseAsking({ ...fine, ...fact }, limits)).toMatchObject({ code, params });
  });

  it('needs one of the roles, not all; a moderator of the guild needs none, one of a channel does', () => {
    expect(refuseAsking({ ...fine, allowedRoles: ['9', '10'] }, limits)).toBeUndefined();
    expect(refuseAsking({ ...fine, allowedRoles: ['9'], moderates: 'guild' }, limits)).toBeUndefined();
    expect(refuseAsking({ ...fine, allowedRoles: ['9'], moderates: 'channel' }, limits)?.code).toBe(
      'refusal.role-needed',
    );
  });

  it('says what stands deepest: a block before a full queue', () => {
    expect(refuseAsking({ ...fine, blocked: 'here', waiting: 99 }, limits)?.code).toBe('refusal.blocked-here');
  });
});

describe('handling a request', () => {
  const request = { requesterId: 'alice', guildId: 'films', channelId: 'screening' };

  it.each([
    ['the requester, anywhere', { id: 'alice', guildId: null, channelId: 'dm', moderates: 'nothing' }, true],
    ['another member', { id: 'bob', guildId: 'films', channelId: 'screening', moderates: 'nothing' }, false],
    ['a moderator of the guild', { id: 'bob', guildId: 'films', channelId: 'lobby', moderates: 'guild' }, true],
    ['one of another guild', { id: 'bob', guildId: 'other', channelId: 'screening', moderates: 'guild' }, false],
    ['one of the channel', { id: 'bob', guildId: 'films', channelId: 'screening', moderates: 'channel' }, true],
    ['one of another channel', { id: 'bob', guildId: 'films', channelId: 'lobby', moderates: 'channel' }, false],
  ] as const)('%s', (_who, member, may) => {
    expect(mayHandle(request, member)).toBe(may);
  });

  it('of somebody’s direct messages is for them alone', () => {
    const direct = { requesterId: 'alice', guildId: null, channelId: 'dm' };
    expect(mayHandle(direct, { id: 'bob', guildId: null, channelId: 'dm', moderates: 'guild' })).toBe(false);
  });
});
