/**
 * How much may be asked of an installation. The operator sets it for everybody; a guild may only ask for less.
 * Days are sliding windows of 24 hours.
 */

import { quotaByRoles, readRoleQuotas } from './role-quotas.ts';

export interface Limits {
  readonly userJobsPerDay: number;
  readonly userComputeSecondsPerDay: number;
  readonly guildJobsPerDay: number;
  readonly guildComputeSecondsPerDay: number;
  /**
   * How many requests of one member are taken in at all, those that are refused or cancelled among them: files are fetched and
   * photographs looked at for each.
   */
  readonly userTriesPerDay: number;
  /** Whether photographs are animated in age-restricted channels. */
  readonly ageRestrictedChannels: boolean;
  /** Longest clip, in seconds. */
  readonly maxClipSeconds: number;
  /** Largest file that is fetched. */
  readonly maxInputBytes: number;
  /** How many requests of everybody may wait. */
  readonly maxWaiting: number;
  /** How many requests of one member may wait or run. */
  readonly maxOpenPerUser: number;
  /** How many requests of one member run at the same time; the others wait their turn. */
  readonly runningPerUser: number;
  /** How long a result can be had again. */
  readonly resultRetentionHours: number;
}

/** Generous to friends on one machine, and tight enough that nobody keeps it from the others for a day. */
export const defaultLimits: Limits = {
  userJobsPerDay: 20,
  userComputeSecondsPerDay: 2 * 3600,
  guildJobsPerDay: 100,
  guildComputeSecondsPerDay: 10 * 3600,
  userTriesPerDay: 60,
  ageRestrictedChannels: false,
  maxClipSeconds: 5 * 60,
  maxInputBytes: 100 * 2 ** 20,
  maxWaiting: 500,
  maxOpenPerUser: 10,
  runningPerUser: 1,
  resultRetentionHours: 72,
};

/** What a guild may set for itself, by the names of its settings. */
export type GuildLimitName =
  | 'userJobsPerDay'
  | 'userComputeSecondsPerDay'
  | 'guildJobsPerDay'
  | 'guildComputeSecondsPerDay'
  | 'maxClipSeconds'
  | 'resultRetentionHours';

/** A value that is absent, or more than the installation's, leaves that one. */
export type GuildLimits = Partial<Record<GuildLimitName, number | null>> & {
  /** What the guild gives to roles, as its row has it: see role-quotas.ts. */
  readonly roleQuotas?: unknown;
};

/**
 * The limits that hold in a guild, or in direct messages where there is none. A quota of one of the member's roles takes the
 * place of what the guild allows everybody; neither is ever more than the operator allows.
 * @param installation what the operator set; the defaults stand for what they left out.
 * @param roles ids of the member's roles.
 */
export function limitsFor(
  installation: Partial<Limits>,
  guild: GuildLimits | null | undefined,
  roles: readonly string[] = [],
): Limits {
  const all = { ...defaultLimits, ...installation };
  const byRoles = quotaByRoles(readRoleQuotas(guild?.roleQuotas), roles);
  const least = (name: GuildLimitName, ofRoles?: number): number =>
    Math.min(all[name], ofRoles ?? guild?.[name] ?? Infinity);
  return {
    ...all,
    userJobsPerDay: least('userJobsPerDay', byRoles.jobsPerDay),
    userComputeSecondsPerDay: least('userComputeSecondsPerDay', byRoles.computeSecondsPerDay),
    guildJobsPerDay: least('guildJobsPerDay'),
    guildComputeSecondsPerDay: least('guildComputeSecondsPerDay'),
    maxClipSeconds: least('maxClipSeconds'),
    resultRetentionHours: least('resultRetentionHours'),
  };
}
