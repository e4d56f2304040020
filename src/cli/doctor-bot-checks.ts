/** What `lumiere doctor` looks at for the bot alone: the queue's Redis, the database, the account on Discord. */
import { join } from 'node:path';

import type { Config } from '../config.ts';
import type { Translate } from '../locale.ts';
import type { Check } from './doctor-checks.ts';

/** Nothing here keeps a clip from being restored on the command line, so the worst is `note` where no bot is set up. */
export async function examineBot(config: Config, t: Translate): Promise<Check[]> {
  const checks: Check[] = [];
  if (config.redisUrl !== undefined) checks.push(await examineQueue(config.redisUrl));
  checks.push(
    await examineStore(config.databaseUrl),
    ...(await examineMedia(config)),
    ...(await examineDiscord(config, t)),
  );
  return checks;
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!.slice(0, 400);

async function examineQueue(address: string): Promise<Check> {
  const { examineRedis } = await import('../queue/examine.ts');
  try {
    const { version, evictionPolicy = 'noeviction' } = await examineRedis(address);
    const state = evictionPolicy === 'noeviction' ? 'ok' : 'note';
    return { id: 'redis-server', state, params: { version, policy: evictionPolicy } };
  } catch (error) {
    return { id: 'redis-server', state: 'missing', params: { reason: firstLine(error) } };
  }
}

async function examineStore(url: string): Promise<Check> {
  const { examineDatabase } = await import('../store/examine.ts');
  const { withoutSecrets } = await import('../service/log.ts');
  try {
    const found = await examineDatabase(url);
    if (found.kind === 'new') return { id: 'database', state: 'note', params: {} };
    return { id: 'database', state: 'ok', params: { count: found.missing } };
  } catch (error) {
    return { id: 'database', state: 'missing', params: { reason: withoutSecrets(firstLine(error)) } };
  }
}

async function examineMedia({ mediaKeys: keys, dataDir }: Config): Promise<Check[]> {
  const { localMediaStore } = await import('../store/local-media-store.ts');
  const store = localMediaStore({ folder: join(dataDir, 'media'), keys });
  // A folder that this user may not read is another's to count.
  const { left } = await store.clearUnopened().catch(() => ({ left: 0 }));
  return [
    { id: 'media-key', state: keys.length > 0 ? 'ok' : 'note', params: {} },
    ...(left > 0 ? [{ id: 'media-files', state: 'note', params: { count: left } } as const] : []),
  ];
}

async function examineDiscord({ discordToken, discordApi }: Config, t: Translate): Promise<Check[]> {
  if (discordToken === undefined) return [{ id: 'token', state: 'note', params: {} }];
  const { examineAccount } = await import('../discord/examine.ts');
  const { permissionWords } = await import('../discord/permissions.ts');
  try {
    const account = await examineAccount(discordToken, discordApi === undefined ? {} : { api: discordApi });
    if (account === undefined) return [{ id: 'token', state: 'missing', params: {} }];
    const { name, guilds, lacking } = account;
    return [
      { id: 'token', state: 'ok', params: { name, count: guilds } },
      ...lacking.map(({ guild, permissions }): Check => {
        return {
          id: 'permissions',
          state: 'note',
          params: { guild, permissions: permissionWords(permissions, t, 'en') },
        };
      }),
    ];
  } catch (error) {
    return [{ id: 'discord', state: 'note', params: { reason: firstLine(error) } }];
  }
}
