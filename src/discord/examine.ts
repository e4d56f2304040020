/** Looks at the bot's account on Discord: for the doctor. Nothing is changed and no gateway is opened. */
import {
  type APIUser,
  DiscordAPIError,
  PermissionsBitField,
  REST,
  type RESTAPIPartialCurrentUserGuild,
  type RESTOptions,
  Routes,
} from 'discord.js';

import { lackingOf } from './permissions.ts';

export interface Account {
  readonly name: string;
  readonly guilds: number;
  /** Servers whose roles do not give the bot all that it needs, with what lacks; names as in discord.js. */
  readonly lacking: readonly { readonly guild: string; readonly permissions: readonly string[] }[];
}

const unauthorised = 401;
const patienceMs = 8000;

/** Undefined when Discord does not accept the token. Rejects when Discord cannot be reached. */
export async function examineAccount(token: string, rest: Partial<RESTOptions> = {}): Promise<Account | undefined> {
  const client = new REST({ version: '10', timeout: patienceMs, retries: 0, ...rest }).setToken(token);
  try {
    const user = (await client.get(Routes.user())) as APIUser;
    const guilds = (await client.get(Routes.userGuilds())) as readonly RESTAPIPartialCurrentUserGuild[];
    const lacking = guilds.flatMap(({ name, permissions }) => {
      const missing = lackingOf(new PermissionsBitField(BigInt(permissions)), false);
      return missing.length === 0 ? [] : [{ guild: name, permissions: missing }];
    });
    return { name: user.username, guilds: guilds.length, lacking };
  } catch (error) {
    if (error instanceof DiscordAPIError && error.status === unauthorised) return undefined;
    throw error;
  }
}
