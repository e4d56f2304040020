/** What a guild's moderators set; where they set nothing the installation's defaults count. */
import { inTransaction, type Database, type Transaction } from './database.ts';
import type { Prisma } from './generated/sqlite/client.ts';
import { recordModeratorAction } from './moderator-actions.ts';
import type { GuildSettings, JsonObject } from './rows.ts';

export type GuildSettingsChange = Omit<
  Prisma.GuildSettingsUncheckedUpdateInput,
  'guildId' | 'updatedAt' | 'updatedBy' | 'leftAt'
>;

/** What a guild has set, or undefined when it never did. */
export async function guildSettings(db: Database, guildId: string): Promise<GuildSettings | undefined> {
  return (await db.guildSettings.findUnique({ where: { guildId } })) ?? undefined;
}

/** What is to be set, or how it follows from what is set when it is written. */
export type WantedSettings = GuildSettingsChange | ((settings: GuildSettings) => GuildSettingsChange);

/** Changes settings (null: back to the default) and writes down who did, in one transaction; changes of a guild come one by one. */
export function changeGuildSettings(
  db: Database,
  guildId: string,
  wanted: WantedSettings,
  by: { readonly moderatorId: string; readonly now: Date },
): Promise<GuildSettings> {
  const work = async (tx: Transaction): Promise<GuildSettings> => {
    const made = { updatedAt: by.now, updatedBy: by.moderatorId };
    const create = { guildId, updatedAt: by.now };
    const settings = await tx.guildSettings.upsert({ where: { guildId }, create, update: {} });
    const change = typeof wanted === 'function' ? wanted(settings) : wanted;
    const changed = await tx.guildSettings.update({ where: { guildId }, data: { ...change, ...made } });
    await recordModeratorAction(tx, {
      kind: 'changeSettings',
      guildId,
      moderatorId: by.moderatorId,
      detail: change as JsonObject,
      now: by.now,
    });
    return changed;
  };
  return inTransaction(db, work, [`settings:${guildId}`]);
}

/** Notes that the bot was removed from a guild (its data are purged after a delay), or, with null, that it is back. */
export async function noteGuildLeft(db: Database, guildId: string, leftAt: Date | null): Promise<void> {
  await db.guildSettings.upsert({
    where: { guildId },
    create: { guildId, leftAt },
    update: { leftAt },
  });
}

/** Every guild of which something is stored, each found with one look at an index. */
export async function* knownGuilds(db: Database): AsyncGenerator<string> {
  const next = async (after: string): Promise<string | undefined> => {
    const query = {
      where: { guildId: { gt: after } },
      orderBy: { guildId: 'asc' },
      select: { guildId: true },
    } as const;
    const found = await Promise.all([
      db.request.findFirst(query),
      db.guildSettings.findFirst(query),
      db.block.findFirst(query),
      db.moderatorAction.findFirst(query),
      db.consent.findFirst(query),
    ]);
    return found.flatMap((row) => row?.guildId ?? []).sort()[0];
  };
  for (let guildId = await next(''); guildId !== undefined; guildId = await next(guildId)) yield guildId;
}
