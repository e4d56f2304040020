/** Members who used the bot: their language, for messages that are written without an interaction. */
import type { Database } from './database.ts';
import type { User } from './rows.ts';

/** Notes that a member was here, with the locale of their client. */
export async function seeUser(
  db: Database,
  seen: { readonly id: string; readonly locale: string; readonly now: Date },
): Promise<User> {
  const { id, locale, now } = seen;
  return db.user.upsert({
    where: { id },
    create: { id, locale, createdAt: now, seenAt: now },
    update: { locale, seenAt: now },
  });
}
