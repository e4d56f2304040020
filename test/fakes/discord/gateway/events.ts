/** Which events a session hears, by the intents it asked for, and what is blanked out for it. */
import { GatewayIntentBits } from 'discord.js';
import type { ApiObject } from '../world/describe.ts';

const { DirectMessages, GuildMembers, GuildMessages, GuildPresences, Guilds, MessageContent } = GatewayIntentBits;

/** Intents that an application must be granted before it may ask for them. */
export const PRIVILEGED = GuildMembers | GuildPresences | MessageContent;

const GUILD_EVENTS = /^(GUILD_(CREATE|UPDATE|DELETE|ROLE_.*)|CHANNEL_(CREATE|UPDATE|DELETE))$/;

function hears(intents: number, event: string, data: ApiObject): boolean {
  if (event.startsWith('MESSAGE_'))
    return (intents & (data['guild_id'] === undefined ? DirectMessages : GuildMessages)) !== 0;
  if (GUILD_EVENTS.test(event)) return (intents & Guilds) !== 0;
  // Interactions and what concerns the session itself need no intent.
  return true;
}

/** Without the intent for it, what others write in a guild arrives empty. */
function blanked(intents: number, event: string, data: ApiObject, botId: string): ApiObject {
  const isOthersMessage =
    /^MESSAGE_(CREATE|UPDATE)$/.test(event) &&
    data['guild_id'] !== undefined &&
    (data['author'] as { id: string }).id !== botId &&
    !(data['mentions'] as { id: string }[]).some(({ id }) => id === botId);
  if (!isOthersMessage || (intents & MessageContent) !== 0) return data;
  return { ...data, content: '', embeds: [], attachments: [], components: [] };
}

/** The event as one gateway connection hears it; undefined when it does not. */
export const heardBy = (intents: number, event: string, data: ApiObject, botId: string): ApiObject | undefined =>
  hears(intents, event, data) ? blanked(intents, event, data, botId) : undefined;
