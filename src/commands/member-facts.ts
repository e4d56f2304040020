/** What decides whether a member may ask for a command at all: where they are blocked, and which roles are let in. */
import type { MemberFacts } from '../policy/asking.ts';
import type { Database } from '../store/database.ts';
import type { Command, GuildSettings } from '../store/rows.ts';
import type { Asker } from './asker.ts';
import { blockOf } from './block-of.ts';

export async function memberFacts(
  asker: Asker,
  command: Command,
  settings: Pick<GuildSettings, 'restoreRoles' | 'animateRoles'> | undefined,
  services: { readonly db: Database; readonly logKey: Uint8Array },
): Promise<MemberFacts> {
  return {
    command,
    blocked: await blockOf(asker, services),
    roles: asker.roles,
    allowedRoles: roleIds(command === 'restore' ? settings?.restoreRoles : settings?.animateRoles),
    moderates: asker.moderates,
  };
}

/** As they stand in the row; what is no list of ids lets everybody in. */
function roleIds(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((role): role is string => typeof role === 'string') : [];
}
