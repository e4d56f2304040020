/** What one member sees: messages with their words, files, buttons and history, private ones only if they are theirs. */
import { ButtonStyle, ComponentType, PermissionFlagsBits } from 'discord.js';
import { type Component, everyComponent, isSelect, mediaOf, type SelectOption } from '../components.ts';
import { type Attachment, flags, type MessageContent, type Revision, type StoredMessage } from '../messages.ts';
import { mentionedUsers, wholeText } from '../operations/mentions.ts';
import type { State } from '../state.ts';
import type { Channel } from '../world/model.ts';
import { permissionsIn } from '../world/permissions.ts';

export interface SeenFile {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly contentType: string;
  readonly description: string | undefined;
  readonly isSpoiler: boolean;
  /** Good for 24 hours from the look. */
  readonly url: string;
  readonly bytes: Buffer;
}

export interface SeenButton {
  readonly label: string;
  readonly customId: string | undefined;
  readonly url: string | undefined;
  readonly style: ButtonStyle;
  readonly isDisabled: boolean;
}

export interface SeenSelect {
  readonly customId: string;
  readonly placeholder: string | undefined;
  readonly options: readonly SelectOption[];
  readonly isDisabled: boolean;
}

/** What a message says at one time. */
export interface SeenContent {
  /** Its own text, that of its text components, and that of its embeds, a line each. */
  readonly text: string;
  readonly files: readonly SeenFile[];
  readonly buttons: readonly SeenButton[];
  readonly selects: readonly SeenSelect[];
}

export interface SeenRevision extends SeenContent {
  /** The server's time from which it said so. */
  readonly at: number;
}

export interface SeenMessage extends SeenContent {
  readonly id: string;
  readonly channelId: string;
  readonly author: string;
  readonly createdAt: number;
  readonly editedAt: number | undefined;
  /** Seen by this member alone. */
  readonly isPrivate: boolean;
  /** "The application is thinking". */
  readonly isLoading: boolean;
  /** "The application did not respond": it thought until its token died. */
  readonly hasFailed: boolean;
  /** Whether it rings for this member. */
  readonly pingsMe: boolean;
  readonly replyTo: string | undefined;
  /** The interaction that it answers. */
  readonly interactionId: string | undefined;
  /** Every state it has been in, the present one last. */
  readonly history: readonly SeenRevision[];
}

const seeFile = (state: State, { file, description, spoiler }: Attachment): SeenFile => ({
  id: file.id,
  name: file.filename,
  size: file.bytes.length,
  contentType: file.contentType,
  description,
  isSpoiler: spoiler,
  // Signed only when looked at: waiting for something looks at many messages.
  get url() {
    return state.cdn.address(file);
  },
  bytes: file.bytes,
});

/** With Components V2 a file shows only where a component refers to it. */
function shownAttachments({ attachments, components, flags: set }: MessageContent): readonly Attachment[] {
  if (!(set & flags.componentsV2)) return attachments;
  const named = everyComponent(components).flatMap(({ component }) => mediaOf(component));
  return attachments.filter(({ file }) => named.includes(`attachment://${file.filename}`));
}

const seeButton = ({ label, emoji, custom_id, url, style, disabled }: Component): SeenButton => ({
  label: label ?? emoji?.name ?? '',
  customId: custom_id,
  url,
  style: style ?? ButtonStyle.Secondary,
  isDisabled: disabled ?? false,
});

const seeSelect = ({ custom_id, placeholder, options, disabled }: Component): SeenSelect => ({
  customId: custom_id ?? '',
  placeholder,
  options: options ?? [],
  isDisabled: disabled ?? false,
});

const embedTexts = ({ embeds }: MessageContent): string[] =>
  embeds.flatMap(({ title, description, fields, footer }) => [
    title ?? '',
    description ?? '',
    ...(fields ?? []).map(({ name, value }) => `${name}: ${value}`),
    footer?.text ?? '',
  ]);

function seeContent(state: State, said: MessageContent): SeenContent {
  const components = everyComponent(said.components).map(({ component }) => component);
  return {
    text: [wholeText(said), ...embedTexts(said)].filter((text) => text !== '').join('\n'),
    files: shownAttachments(said).map((attachment) => seeFile(state, attachment)),
    buttons: components.filter(({ type }) => type === ComponentType.Button).map(seeButton),
    selects: components.filter(isSelect).map(seeSelect),
  };
}

const seeRevision = (state: State, revision: Revision): SeenRevision => ({
  at: revision.at,
  ...seeContent(state, revision),
});

function seeMessage(state: State, userId: string, message: StoredMessage): SeenMessage {
  const { id, channelId, createdAt, editedAt, interactionId, replyTo, revisions } = message;
  const interaction = interactionId === undefined ? undefined : state.interactions.byId(interactionId);
  const isThinking = (message.flags & flags.loading) !== 0;
  const hasFailed = isThinking && interaction !== undefined && !state.interactions.isTokenAlive(interaction);
  return {
    ...seeContent(state, message),
    id,
    channelId,
    author: state.world.user(message.authorId).username,
    createdAt,
    editedAt,
    isPrivate: (message.flags & flags.ephemeral) !== 0,
    isLoading: isThinking && !hasFailed,
    hasFailed,
    pingsMe: mentionedUsers(state, message).some((user) => user.id === userId),
    replyTo,
    interactionId,
    get history() {
      return revisions.map((revision) => seeRevision(state, revision));
    },
  };
}

/**
 * What a member sees in a channel now, oldest first. Nothing where they may not look.
 * @param which leaves out messages before any is looked at closely.
 */
export function messagesSeenBy(
  state: State,
  userId: string,
  channel: Channel,
  which: (message: StoredMessage) => boolean = () => true,
): SeenMessage[] {
  if (!(permissionsIn(state.world, userId, channel) & PermissionFlagsBits.ViewChannel)) return [];
  return state.messages
    .inChannel(channel.id)
    .filter((message) => message.deletedAt === undefined && which(message))
    .filter(({ ephemeralTo }) => ephemeralTo === undefined || ephemeralTo === userId)
    .map((message) => seeMessage(state, userId, message));
}
