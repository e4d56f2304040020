/** Whom a message pings: everybody its text names, unless `allowed_mentions` says otherwise. */
import { AllowedMentionsTypes } from 'discord.js';
import { everyComponent } from '../components.ts';
import type { StoredMessage } from '../messages.ts';
import type { State } from '../state.ts';
import type { User } from '../world/model.ts';

/** The text of a message, that of its text components included. */
export const wholeText = ({ content, components }: Pick<StoredMessage, 'content' | 'components'>): string =>
  [content, ...everyComponent(components).map(({ component }) => component.content ?? '')]
    .filter((text) => text !== '')
    .join('\n');

export function mentionedUsers({ world }: State, message: StoredMessage): User[] {
  const named = [...wholeText(message).matchAll(/<@!?(\d+)>/g)].map(([, id]) => id!);
  const { allowedMentions } = message;
  const allowed = (id: string): boolean =>
    !allowedMentions ||
    (allowedMentions.parse ?? []).includes(AllowedMentionsTypes.User) ||
    (allowedMentions.users ?? []).includes(id);
  return [...new Set(named)].filter(allowed).flatMap((id) => world.users.get(id) ?? []);
}

/** Whether the text names somebody and the sender left it to Discord whom to ping. */
export const pingsUnasked = (message: StoredMessage): boolean =>
  message.allowedMentions === undefined && /<@|@everyone|@here/.test(wholeText(message));
