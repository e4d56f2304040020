/** Who may have which clip restored: each fact alone decides, at its limit and one beyond it. */
import { describe, expect, it } from 'vitest';

import { defaultLimits, type Limits, limitsFor } from '../../src/policy/limits.ts';
import {
  type AskingFacts,
  isSurelyNoVideo,
  mayHandle,
  quotaLimits,
  quotaRefusal,
  refuseAsking,
  refuseClip,
} from '../../src/policy/restore-policy.ts';

const limits: Limits = { ...defaultLimits, maxInputBytes: 1000, maxOpenPerUser: 3, maxWaiting: 7, maxClipSeconds: 60 };

const fine: AskingFacts = {
  roles: ['10'],
  allowedRoles: [],
  moderates: 'nothing',
  ageRestrictedOnly: false,
  channelIsAgeRestricted: false,
  lackingPermissions: [],
  openOfMember: 2,
  waiting: 6,
  room: 1001,
  claimed: { bytes: 1000, contentType: 'video/mp4' },
};

describe('asking', () => {
  it('is allowed at every limit', () => {
    expect(refuseAsking(fine, limits)).toBeUndefined();
  });

  it.each<[string, Partial<AskingFacts>, string, object]>([
    ['a block here', { blocked: 'here' }, 'refusal.blocked-here', {}],
    ['a block everywhere', { blocked: 'everywhere' }, 'refusal.blocked-everywhere', {}],
    ['a role that is lacking', { allowedRoles: ['11', '12'] }, 'refusal.role-needed', { roles: ['<@&11>', '<@&12>'] }],
    ['a channel without an age limit', { ageRestrictedOnly: true }, 'refusal.age-restricted-only', {}],
    [
      'permissions that the bot lacks',
      { lackingPermissions: ['AttachFiles'] },
      'refusal.bot-lacks-permission',
      { permissions: ['AttachFiles'] },
    ],
    ['a photograph', { claimed: { bytes: 1, contentType: 'image/jpeg' } }, 'refusal.not-a-video', {}],
    ['a file one byte over', { claimed: { bytes: 1001 } }, 'refusal.file-too-large', { bytes: 1001, limit: 1000 }],
    ['as many open as may be', { openOfMember: 3 }, 'refusal.too-many-open', { open: 3, limit: 3 }],
    ['a store without room for it', { room: 1000 }, 'refusal.store-full', {}],
    ['a store that is full', { room: 0, claimed: { bytes: 0 } }, 'refusal.store-full', {}],
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

it.each<[string | undefined, boolean]>([
  ['image/jpeg', true],
  ['IMAGE/JPEG; charset=x', true],
  ['text/plain; charset=utf-8', true],
  ['audio/mpeg', true],
  ['application/pdf', true],
  ['application/x-7z-compressed', true],
  ['video/mp4', false],
  ['image/gif', false],
  ['image/webp', false],
  ['image/png', false], // some PNGs move
  ['application/octet-stream', false],
  ['application/x-matroska', false],
  [undefined, false],
])('a file called %s is surely no video: %s', (type, answer) => {
  expect(isSurelyNoVideo(type)).toBe(answer);
});

describe('a clip', () => {
  it('is allowed at the limit, and a rounding beyond it', () => {
    expect(refuseClip({ seconds: 60 }, limits)).toBeUndefined();
    expect(refuseClip({ seconds: 60.4 }, limits)).toBeUndefined();
  });

  it('is refused when it is longer, with both figures', () => {
    expect(refuseClip({ seconds: 61 }, limits)).toMatchObject({
      code: 'refusal.clip-too-long',
      params: { seconds: 61, limit: 60 },
    });
  });
});

describe('a used-up quota', () => {
  const kinds = ['user-jobs', 'user-seconds', 'guild-jobs', 'guild-seconds'] as const;

  it('says which, how much it was and when it frees', () => {
    const freesAt = new Date(1_800_000_000_000);
    const refusals = kinds.map((limit) => {
      const { code, params } = quotaRefusal({ limit, freesAt }, limits, 100);
      return [code, params['limit'], params['freesAt']];
    });
    expect(refusals).toEqual([
      ['refusal.quota-user-jobs', 20, freesAt],
      ['refusal.quota-user-seconds', 7200, freesAt],
      ['refusal.quota-guild-jobs', 100, freesAt],
      ['refusal.quota-guild-seconds', 36_000, freesAt],
    ]);
  });

  it('that never frees is a clip that costs too much, or a command that is turned off', () => {
    const refusals = kinds.map((limit) => quotaRefusal({ limit, freesAt: undefined }, limits, 99_000));
    expect(refusals.map(({ code }) => code)).toEqual([
      'refusal.turned-off',
      'refusal.clip-too-costly',
      'refusal.turned-off',
      'refusal.clip-too-costly',
    ]);
    expect(refusals[3]?.params).toEqual({ seconds: 99_000, limit: 36_000 });
    const none = { ...limits, userComputeSecondsPerDay: 0 };
    expect(quotaRefusal({ limit: 'user-seconds', freesAt: undefined }, none, 1).code).toBe('refusal.turned-off');
  });

  it('is counted by the limits that hold', () => {
    expect(quotaLimits(limits)).toEqual({ userJobs: 20, userSeconds: 7200, guildJobs: 100, guildSeconds: 36_000 });
  });
});

it('a guild may lower the limits, to zero too, but never raise them; what it leaves out stays the installation’s', () => {
  const guild = limitsFor({ userJobsPerDay: 5, maxClipSeconds: 30 }, { userJobsPerDay: 0, maxClipSeconds: null });
  expect(guild).toEqual({ ...defaultLimits, userJobsPerDay: 0, maxClipSeconds: 30 });
  const greedy = { guildJobsPerDay: 1e6, guildComputeSecondsPerDay: 1e6, userComputeSecondsPerDay: 1e6 };
  expect(limitsFor({}, { ...greedy, userJobsPerDay: 1e6, maxClipSeconds: 1e6, resultRetentionHours: 1e6 })).toEqual(
    defaultLimits,
  );
  expect(limitsFor({}, undefined)).toEqual(defaultLimits);
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
