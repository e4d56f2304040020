/**
 * Where a member is named without an agreement: in requests that came to nothing before they were asked, and in the filters by
 * which moderators looked at the log or exported it. No index has these: all rows are looked at, a few at a time.
 */
import { setImmediate } from 'node:timers/promises';

import type { Database } from './database.ts';
import type { Prisma } from './generated/sqlite/client.ts';
import type { ModeratorAction, Request } from './rows.ts';

const lookedAtOnce = 200;

export type NamingRequest = Pick<
  Request,
  'id' | 'createdAt' | 'consentId' | 'command' | 'state' | 'guildId' | 'requesterId' | 'parameters'
>;
export type NamingAction = Pick<ModeratorAction, 'id' | 'at' | 'kind' | 'guildId' | 'detail'>;

interface Search {
  readonly signal?: AbortSignal | undefined;
}

/** Requests without an agreement whose parameters name the member, in portions that are not empty. */
export async function* requestsNaming(
  db: Database,
  userId: string,
  { within = {}, signal }: Search & { readonly within?: Prisma.RequestWhereInput } = {},
): AsyncGenerator<readonly NamingRequest[]> {
  for (let after = ''; signal?.aborted !== true;) {
    const rows = await db.request.findMany({
      where: { ...within, id: { gt: after } },
      orderBy: { id: 'asc' },
      take: lookedAtOnce,
      select: {
        ...{ id: true, createdAt: true, consentId: true, command: true, state: true, guildId: true },
        ...{ requesterId: true, parameters: true },
      },
    });
    const named = rows.filter(({ consentId, parameters }) => consentId === null && names(parameters, userId));
    if (named.length > 0) yield named;
    if (rows.length < lookedAtOnce) return;
    after = rows.at(-1)!.id;
    await setImmediate();
  }
}

/** Moderators' actions whose details name the member, in portions that are not empty. */
export async function* actionsNaming(
  db: Database,
  userId: string,
  { signal }: Search = {},
): AsyncGenerator<readonly NamingAction[]> {
  for (let after = 0; signal?.aborted !== true;) {
    const rows = await db.moderatorAction.findMany({
      where: { id: { gt: after } },
      orderBy: { id: 'asc' },
      take: lookedAtOnce,
      select: { id: true, at: true, kind: true, guildId: true, detail: true },
    });
    const named = rows.filter(({ detail }) => names(detail, userId));
    if (named.length > 0) yield named;
    if (rows.length < lookedAtOnce) return;
    after = rows.at(-1)!.id;
    await setImmediate();
  }
}

const names = (value: unknown, userId: string): boolean => JSON.stringify(value).includes(`"${userId}"`);
