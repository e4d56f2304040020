/** A used-up quota in words, and the limits that are counted by. */
import { describe, expect, it } from 'vitest';

import { defaultLimits as limits } from '../../src/policy/limits.ts';
import { quotaLimits, quotaRefusal } from '../../src/policy/quota.ts';

describe('a used-up quota', () => {
  const kinds = ['user-jobs', 'user-seconds', 'guild-jobs', 'guild-seconds'] as const;

  it('says which, how much it was and when it frees', () => {
    const freesAt = new Date(1_800_000_000_000);
    const refusals = kinds.map((limit) => {
      const { code, params } = quotaRefusal({ limit, freesAt }, limits, { command: 'restore', seconds: 100 });
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
    const refusals = kinds.map((limit) =>
      quotaRefusal({ limit, freesAt: undefined }, limits, { command: 'restore', seconds: 99_000 }),
    );
    expect(refusals.map(({ code }) => code)).toEqual([
      'refusal.turned-off',
      'refusal.clip-too-costly',
      'refusal.turned-off',
      'refusal.clip-too-costly',
    ]);
    expect(refusals[3]?.params).toEqual({ seconds: 99_000, limit: 36_000 });
    const none = { ...limits, userComputeSecondsPerDay: 0 };
    expect(
      quotaRefusal({ limit: 'user-seconds', freesAt: undefined }, none, { command: 'restore', seconds: 1 }).code,
    ).toBe('refusal.turned-off');
  });

  it('is counted by the limits that hold', () => {
    expect(quotaLimits(limits)).toEqual({ userJobs: 20, userSeconds: 7200, guildJobs: 100, guildSeconds: 36_000 });
  });
});
