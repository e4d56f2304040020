/**
 * How much may be asked of an installation. The operator sets it for everybody; a guild may only ask for less.
 * Days are sliding windows of 24 hours.
 */

export interface Limits {
  readonly userJobsPerDay: number;
  readonly userComputeSecondsPerDay: number;
  readonly guildJobsPerDay: number;
  readonly guildComputeSecondsPerDay: number;
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
  maxClipSeconds: 5 * 60,
  maxInputBytes: 100 * 2 ** 20,
  maxWaiting: 500,
  maxOpenPerUser: 10,
  runningPerUser: 1,
  resultRetentionHours: 72,
};

/** What a guild may set for itself; a value that is absent, or more than the installation's, leaves that one. */
export type GuildLimits = Partial<
  Record<
    | 'userJobsPerDay'
    | 'userComputeSecondsPerDay'
    | 'guildJobsPerDay'
    | 'guildComputeSecondsPerDay'
    | 'maxClipSeconds'
    | 'resultRetentionHours',
    number | null
  >
>;

/**
 * The limits that hold in a guild, or in direct messages where there is none.
 * @param installation what the operator set; the defaults stand for what they left out.
 */
export function limitsFor(installation: Partial<Limits>, guild: GuildLimits | null | undefined): Limits {
  const all = { ...defaultLimits, ...installation };
  const least = (name: keyof GuildLimits): number => Math.min(all[name], guild?.[name] ?? Infinity);
  return {
    ...all,
    userJobsPerDay: least('userJobsPerDay'),
    userComputeSecondsPerDay: least('userComputeSecondsPerDay'),
    guildJobsPerDay: least('guildJobsPerDay'),
    guildComputeSecondsPerDay: least('guildComputeSecondsPerDay'),
    maxClipSeconds: least('maxClipSeconds'),
    resultRetentionHours: least('resultRetentionHours'),
  };
}
