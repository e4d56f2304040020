/**
 * Who is next. Start-time fair queueing (Goyal, Vin, Cheng 1996) over seconds of compute: first between guilds, then,
 * inside a guild, by priority and between its users, then by age. It is a replay: the virtual clocks follow from the jobs
 * that were started before, so nothing is remembered between two calls, two dispatchers agree, and a restart changes nothing.
 *
 * Nobody can starve: a guild's turn comes when its clock is the lowest, and each job that another guild gets moves that
 * guild's clock on. Nobody saves up either: who comes back after a pause starts at the present time.
 */

/** Whose clock a job moves. In direct messages (`guildId` null) each user counts as a guild. */
export interface Owner {
  readonly guildId: string | null;
  readonly userId: string;
}

/** A job that was started, in the order of starting. */
export interface Served extends Owner {
  /** Seconds of compute it took, or is predicted to take. */
  readonly seconds: number;
}

export interface Waiting extends Served {
  readonly id: string;
  /** Higher goes first among the waiting of one guild; other guilds lose nothing by it. */
  readonly priority: number;
  /** Milliseconds since the epoch. */
  readonly queuedAt: number;
}

export interface FairLimits {
  /** Jobs of one user that run at the same time. */
  readonly runningPerUser: number;
}

/** One level of virtual time: when each flow's last job ends, and the start of the job that was picked last. */
interface Clock {
  now: number;
  readonly ends: Map<string, number>;
}

/** The waiting, to be taken one by one. */
export interface Line {
  /** Takes the next one whose user may run, and moves the clocks on; undefined when there is none. */
  take(mayRun: (userId: string) => boolean): Waiting | undefined;
  readonly length: number;
}

/** No job costs less: what begins and ends it takes about so long, and below it a measurement is mostly noise. */
const leastSeconds = 1;

const newClock = (): Clock => ({ now: 0, ends: new Map() });
const startOf = (clock: Clock, flow: string): number => Math.max(clock.now, clock.ends.get(flow) ?? 0);
const flowOf = ({ guildId, userId }: Owner): string => guildId ?? `direct ${userId}`;

function charge(clock: Clock, flow: string, seconds: number): void {
  clock.now = startOf(clock, flow);
  clock.ends.set(flow, clock.now + Math.max(seconds, leastSeconds));
}

interface GuildLine {
  readonly clock: Clock;
  /** Each user's jobs, the next one last. */
  readonly users: Map<string, Waiting[]>;
}

/** A line of `waiting`, after the jobs in `served` were started in that order. */
export function createLine(waiting: readonly Waiting[], served: readonly Served[]): Line {
  const between = newClock();
  const guilds = new Map<string, GuildLine>();
  const guildLine = (flow: string): GuildLine => {
    const known = guilds.get(flow);
    if (known) return known;
    const fresh: GuildLine = { clock: newClock(), users: new Map() };
    guilds.set(flow, fresh);
    return fresh;
  };
  const chargeBoth = (job: Served): void => {
    charge(between, flowOf(job), job.seconds);
    charge(guildLine(flowOf(job)).clock, job.userId, job.seconds);
  };
  for (const job of served) chargeBoth(job);
  for (const job of [...waiting].sort((a, b) => sooner(b, a))) {
    const { users } = guildLine(flowOf(job));
    const jobs = users.get(job.userId);
    if (jobs) jobs.push(job);
    else users.set(job.userId, [job]);
  }
  let length = waiting.length;
  return {
    take: (mayRun) => {
      let chosen: { readonly job: Waiting; readonly start: number; readonly flow: string } | undefined;
      for (const [flow, guild] of guilds) {
        const start = startOf(between, flow);
        if (chosen && start > chosen.start) continue;
        const job = nextOfGuild(guild, mayRun);
        if (!job) continue;
        if (!chosen || start < chosen.start || sooner({ ...job, priority: 0 }, { ...chosen.job, priority: 0 }) < 0) {
          chosen = { job, start, flow };
        }
      }
      if (!chosen) return undefined;
      const { job, flow } = chosen;
      const { users } = guildLine(flow);
      const jobs = users.get(job.userId)!;
      jobs.pop();
      if (jobs.length === 0) users.delete(job.userId);
      chargeBoth(job);
      length -= 1;
      return job;
    },
    get length() {
      return length;
    },
  };
}

/** Negative when `a` goes before `b` and nothing but their priority and age counts. */
function sooner(a: Waiting, b: Waiting): number {
  return b.priority - a.priority || a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function nextOfGuild({ clock, users }: GuildLine, mayRun: (userId: string) => boolean): Waiting | undefined {
  let best: Waiting | undefined;
  for (const [userId, jobs] of users) {
    if (!mayRun(userId)) continue;
    const job = jobs.at(-1)!;
    if (!best) best = job;
    else {
      const order =
        best.priority - job.priority || startOf(clock, userId) - startOf(clock, best.userId) || sooner(job, best);
      if (order < 0) best = job;
    }
  }
  return best;
}

/** Counts the jobs each user has running, and says who may have one more. */
export function countRunning(
  running: readonly { readonly userId: string }[],
  { runningPerUser }: FairLimits,
): {
  readonly mayRun: (userId: string) => boolean;
  readonly started: (userId: string) => void;
  readonly ended: (userId: string) => void;
} {
  const counts = new Map<string, number>();
  const add = (userId: string, by: number): void => {
    counts.set(userId, (counts.get(userId) ?? 0) + by);
  };
  for (const { userId } of running) add(userId, 1);
  return {
    mayRun: (userId) => (counts.get(userId) ?? 0) < runningPerUser,
    started: (userId) => {
      add(userId, 1);
    },
    ended: (userId) => {
      add(userId, -1);
    },
  };
}

/**
 * The jobs that may start now, best first, at most `most`. `served` are the jobs started so far, oldest first, the
 * running ones among them. Users at their running limit are passed over.
 */
export function fairOrder(
  waiting: readonly Waiting[],
  served: readonly Served[],
  running: readonly { readonly userId: string }[],
  limits: FairLimits,
  most = Infinity,
): Waiting[] {
  const line = createLine(waiting, served);
  const counts = countRunning(running, limits);
  const order: Waiting[] = [];
  while (order.length < most) {
    const job = line.take(counts.mayRun);
    if (!job) break;
    counts.started(job.userId);
    order.push(job);
  }
  return order;
}
