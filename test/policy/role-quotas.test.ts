/** Quotas of roles, and how often is asked at all. */
import { describe, expect, it } from 'vitest';

import { refuseTries } from '../../src/policy/asking.ts';
import { defaultLimits, limitsFor } from '../../src/policy/limits.ts';
import { rateLimit } from '../../src/policy/rate-limit.ts';
import { quotaByRoles, readRoleQuotas } from '../../src/policy/role-quotas.ts';

const quotas = [
  { roleId: 'small', jobsPerDay: 2, computeSecondsPerDay: 600 },
  { roleId: 'large', jobsPerDay: 15 },
  { roleId: 'slow', computeSecondsPerDay: 5000 },
  { roleId: 'greedy', jobsPerDay: 1000, computeSecondsPerDay: 1e6 },
  { roleId: 'none', jobsPerDay: 0 },
];
const guild = { userJobsPerDay: 5, userComputeSecondsPerDay: 3600, roleQuotas: quotas };

describe('quotas of roles', () => {
  it.each([
    ['no role: what the server allows everybody', [], 5, 3600],
    ['a role without a quota', ['other'], 5, 3600],
    ['less than everybody', ['small'], 2, 600],
    ['more than everybody, and computing as everybody', ['large'], 15, 3600],
    ['of several the most generous, of each quantity', ['small', 'large', 'slow'], 15, 5000],
    ['never more than the operator allows', ['greedy'], 20, 7200],
    ['nothing at all', ['none'], 0, 3600],
    ['nothing, and something by another role', ['none', 'small'], 2, 600],
  ])('%s', (_, roles, jobs, seconds) => {
    const limits = limitsFor({}, guild, roles);
    expect([limits.userJobsPerDay, limits.userComputeSecondsPerDay]).toEqual([jobs, seconds]);
    expect([limits.guildJobsPerDay, limits.maxClipSeconds]).toEqual([
      defaultLimits.guildJobsPerDay,
      defaultLimits.maxClipSeconds,
    ]);
  });

  it.each([null, undefined, 'x', {}, [{ roleId: 'a', jobsPerDay: -1 }], [{ jobsPerDay: 1 }]])(
    'what is no list of quotas gives nobody any: %j',
    (stored) => {
      expect(readRoleQuotas(stored)).toEqual([]);
      expect(limitsFor({}, { roleQuotas: stored }, ['a']).userJobsPerDay).toBe(20);
    },
  );

  it('a role that is not the member’s counts for nothing', () => {
    expect(quotaByRoles(quotas, ['other'])).toEqual({ jobsPerDay: undefined, computeSecondsPerDay: undefined });
  });
});

describe('how often is asked', () => {
  const limits = { ...defaultLimits, userTriesPerDay: 3 };
  const at = (...hours: number[]): Date[] => hours.map((hour) => new Date(hour * 3_600_000));

  it.each([
    ['once less than the limit', at(1, 2), undefined],
    ['as often as may be: until the first of them is a day old', at(1, 2, 3), new Date(25 * 3_600_000)],
    ['more often, since the limit was lowered: only the newest count', at(1, 2, 3, 4), new Date(26 * 3_600_000)],
  ])('%s', (_, times, freesAt) => {
    const refusal = refuseTries(times, limits);
    expect(refusal?.code).toBe(freesAt && 'refusal.too-many-tries');
    expect(refusal?.params).toEqual(freesAt && { limit: 3, freesAt });
  });

  it('is bounded within an hour that slides, for each member', () => {
    const limit = rateLimit(2);
    limit.take('a', 0);
    limit.take('a', 1000);
    limit.take('b', 1000);
    const refusal = { code: 'refusal.too-often', params: { limit: 2, freesAt: new Date(3_600_000) } };
    expect(() => {
      limit.take('a', 3_599_999);
    }).toThrow(expect.objectContaining(refusal) as Error);
    limit.take('a', 3_600_000);
    expect(() => {
      limit.take('a', 3_600_000);
    }).toThrow();
    limit.take('b', 3_600_000);
  });
});
