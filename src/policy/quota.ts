/** What a member and a guild have used up, in words: from the store's decision to a refusal. */
import type { QuotaLimit, QuotaLimits } from '../store/quotas.ts';
import type { Command } from '../store/rows.ts';
import type { Limits } from './limits.ts';
import { Refusal } from './refusal.ts';

/** Which allowance is used up, and when enough of it is free again; absent when it never is. */
export interface QuotaUsed {
  readonly limit: QuotaLimit;
  readonly freesAt: Date | undefined;
}

/** What was asked: `seconds` of compute that it is predicted to take; 0 when nothing is known of it yet. */
export interface PredictedWork {
  readonly command: Command;
  readonly seconds: number;
}

export function quotaRefusal({ limit, freesAt }: QuotaUsed, limits: Limits, work: PredictedWork): Refusal {
  const allowed = {
    'user-jobs': limits.userJobsPerDay,
    'user-seconds': limits.userComputeSecondsPerDay,
    'guild-jobs': limits.guildJobsPerDay,
    'guild-seconds': limits.guildComputeSecondsPerDay,
  }[limit];
  if (freesAt !== undefined) return new Refusal(`refusal.quota-${limit}`, { limit: allowed, freesAt });
  if (limit.endsWith('-jobs') || allowed <= 0) return new Refusal('refusal.turned-off');
  const { command, seconds } = work;
  const code = command === 'restore' ? 'refusal.clip-too-costly' : 'refusal.animation-too-costly';
  return new Refusal(code, { seconds, limit: allowed });
}

/** The limits as the store counts them. */
export function quotaLimits(limits: Limits): QuotaLimits {
  return {
    userJobs: limits.userJobsPerDay,
    userSeconds: limits.userComputeSecondsPerDay,
    guildJobs: limits.guildJobsPerDay,
    guildSeconds: limits.guildComputeSecondsPerDay,
  };
}
