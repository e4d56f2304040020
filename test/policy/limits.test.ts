/** What a guild may set for itself. */
import { expect, it } from 'vitest';

import { defaultLimits, limitsFor } from '../../src/policy/limits.ts';

it('a guild may lower the limits, to zero too, but never raise them; what it leaves out stays the installation’s', () => {
  const guild = limitsFor({ userJobsPerDay: 5, maxClipSeconds: 30 }, { userJobsPerDay: 0, maxClipSeconds: null });
  expect(guild).toEqual({ ...defaultLimits, userJobsPerDay: 0, maxClipSeconds: 30 });
  const greedy = { guildJobsPerDay: 1e6, guildComputeSecondsPerDay: 1e6, userComputeSecondsPerDay: 1e6 };
  expect(limitsFor({}, { ...greedy, userJobsPerDay: 1e6, maxClipSeconds: 1e6, resultRetentionHours: 1e6 })).toEqual(
    defaultLimits,
  );
  expect(limitsFor({}, undefined)).toEqual(defaultLimits);
});
