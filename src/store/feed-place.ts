/** How far a guild was told of what happens in it: a place in each table, kept for whoever goes on after a death. */
import * as z from 'zod';

import type { Database } from './database.ts';
import { readInstallationValue, writeInstallationValue } from './installation-values.ts';

/**
 * Of the numbered tables the last row that was told or passed over. Reports have no numbers: all up to `report` were told or passed
 * over, and of those after it the ones in `reports` were. Their ids sort by time.
 */
const feedPlace = z.strictObject({
  event: z.int(),
  action: z.int(),
  consent: z.int(),
  report: z.string(),
  reports: z.array(z.string()).default([]),
});
export type FeedPlace = z.output<typeof feedPlace>;

const feedState = z.strictObject({
  told: feedPlace,
  /** What is being told reaches to here; `at` in milliseconds since 1970. */
  telling: z.strictObject({ to: feedPlace, at: z.number() }).optional(),
});
export type FeedState = z.output<typeof feedState>;

/** Of the value that holds how far a guild was told. */
export const feedKey = (guildId: string): string => `log-channel:${guildId}`;

export async function readFeedState(db: Database, guildId: string): Promise<FeedState | undefined> {
  const written = await readInstallationValue(db, feedKey(guildId));
  if (written === undefined) return undefined;
  const state = feedState.safeParse(JSON.parse(written));
  return state.success ? state.data : undefined;
}

export async function writeFeedState(db: Database, guildId: string, state: FeedState): Promise<void> {
  await writeInstallationValue(db, feedKey(guildId), JSON.stringify(state));
}

/** Where the tables end now: a guild that begins to be told is not told of what was before. */
export async function feedEnd(db: Database): Promise<FeedPlace> {
  const newest = { orderBy: { id: 'desc' }, select: { id: true } } as const;
  const [event, action, consent, report] = await Promise.all([
    db.requestEvent.findFirst(newest),
    db.moderatorAction.findFirst(newest),
    db.consentEvent.findFirst(newest),
    db.report.findFirst(newest),
  ]);
  return {
    event: event?.id ?? 0,
    action: action?.id ?? 0,
    consent: consent?.id ?? 0,
    report: report?.id ?? '',
    reports: [],
  };
}

/** Whether two places are the same. */
export function isSamePlace(one: FeedPlace, other: FeedPlace): boolean {
  const isSame = (['event', 'action', 'consent', 'report'] as const).every((table) => one[table] === other[table]);
  return isSame && one.reports.join() === other.reports.join();
}
