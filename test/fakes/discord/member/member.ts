/** A person in front of Discord: what they can do, and what they see. */
import {
  type APIApplicationCommandOptionChoice,
  ApplicationCommandType,
  ComponentType,
  PermissionFlagsBits,
} from 'discord.js';
import { type Component, everyComponent, isSelect } from '../components.ts';
import type { Modal } from '../interactions.ts';
import { type StoredMessage } from '../messages.ts';
import { announce, describeMessage } from '../operations/describe-message.ts';
import type { State } from '../state.ts';
import { type ApiObject, describeMembership, describeUser } from '../world/describe.ts';
import type { Channel, User } from '../world/model.ts';
import { permissionsIn } from '../world/permissions.ts';
import { ask, type Asked, uploadLimitOf } from './ask.ts';
import {
  checkAutocompletes,
  type FillIn,
  findCommand,
  type OfferedCommand,
  offeredCommands,
  type OptionValues,
  slashData,
} from './commands.ts';
import { type MemberFile, upload } from './file.ts';
import { formData, type FormValues } from './forms.ts';
import { type Forgery, forgery } from './forge.ts';
import { MemberError } from './member-error.ts';
import { messagesSeenBy, type SeenMessage } from './seen.ts';

interface Named {
  readonly id: string;
}

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly user: User;
  /** Where they are; what they do next happens there. */
  readonly channel: () => Channel;
  /** Goes to a channel, or to the direct channel with the bot. */
  readonly goTo: (place: Channel | 'direct messages') => Member;
  /** Commands offered to them where they are, in their language. */
  readonly commandsOffered: () => readonly OfferedCommand[];
  /** @param command its name; a sub-command's after a space. */
  readonly slash: (command: string, options?: OptionValues) => Asked;
  /** What is offered for an option as they type. */
  readonly autocomplete: (
    command: string,
    option: string,
    typed: string,
    others?: OptionValues,
  ) => Promise<readonly APIApplicationCommandOptionChoice[]>;
  /** Uses a context command on a message or on a member. */
  readonly contextMenu: (command: string, target: Named) => Asked;
  /** Presses the newest button with that label or `custom_id`, or the one on that message. */
  readonly click: (button: string, on?: Named) => Asked;
  /** Chooses in the newest select menu with that `custom_id` or placeholder, or the one on that message. */
  readonly select: (menu: string, values: readonly string[], on?: Named) => Asked;
  /** Fills in and submits the form that `asked` was answered with. */
  readonly submitModal: (asked: Asked, values: FormValues) => Promise<Asked>;
  /** Writes a message of their own. */
  readonly post: (text: string, files?: readonly MemberFile[]) => SeenMessage;
  /** Deletes a message: their own, or anybody's with the permission to manage messages. */
  readonly delete: (message: Named) => void;
  /** What they see in a channel, by default where they are; oldest first. */
  readonly messagesSeen: (channel?: Channel | 'direct messages') => readonly SeenMessage[];
  /** Waits until they see a message that passes. A pattern is looked for in its text. */
  readonly sees: (
    which: RegExp | ((message: SeenMessage) => boolean),
    options?: { readonly in?: Channel | 'direct messages'; readonly within?: number },
  ) => Promise<SeenMessage>;
  /** What a changed client sends. */
  readonly forge: Forgery;
  readonly closeDirectMessages: () => void;
  readonly openDirectMessages: () => void;
}

const { ChatInput, Message, User: OnUser } = ApplicationCommandType;

export function createMember(state: State, user: User, home: Channel): Member {
  const { world, messages } = state;
  let here = home;
  const at = (place: Channel | 'direct messages' | undefined): Channel =>
    place === 'direct messages' ? world.directChannel(user.id) : (place ?? here);
  const fillIn = (): FillIn => ({ state, user, channel: here });
  const refuse = (why: string): never => {
    throw new MemberError(user.username, why);
  };
  const seen = (channel: Channel): SeenMessage[] => messagesSeenBy(state, user.id, channel);

  /** The newest message they see here with a component that passes, or that message's one. */
  function findComponent(
    passes: (component: Component) => boolean,
    on: Named | undefined,
    what: string,
  ): { message: StoredMessage; component: Component } {
    const visible = seen(here).filter(({ id }) => on === undefined || on.id === id);
    const found = visible.reverse().flatMap(({ id }) => {
      const message = messages.find(id);
      return message
        ? everyComponent(message.components)
            .filter(({ component }) => passes(component))
            .map(({ component }) => ({ message, component }))
        : [];
    });
    const offered = visible.flatMap(({ buttons, selects }) => [
      ...buttons.map(({ label }) => label),
      ...selects.map(({ customId }) => customId),
    ]);
    const [first = refuse(`sees no ${what}, only: ${offered.join(', ') || 'nothing to press'}`)] = found;
    if (first.component.disabled) refuse(`cannot use ${what}: it is greyed out`);
    return first;
  }

  function use(
    { message, component }: { message: StoredMessage; component: Component },
    values?: readonly string[],
  ): Asked {
    const customId = component.custom_id ?? refuse('cannot press a link towards the bot');
    return ask(state, user, {
      kind: 'component',
      name: customId,
      channel: here,
      sourceMessageId: message.id,
      message: describeMessage(state, message),
      data: {
        ...{ custom_id: customId, component_type: component.type, id: component.id ?? 1 },
        ...(values && { values }),
        ...(values && component.type === ComponentType.UserSelect && { resolved: resolvedUsers(values) }),
      },
    });
  }

  /** The chosen users, as the client sends them with a menu of users. */
  function resolvedUsers(ids: readonly string[]): ApiObject {
    const members = here.guildId === undefined ? undefined : world.guild(here.guildId).members;
    return {
      users: Object.fromEntries(ids.map((id) => [id, describeUser(world.user(id))])),
      members: Object.fromEntries(
        ids.flatMap((id) => {
          const membership = members?.get(id);
          if (membership === undefined) return [];
          const permissions = String(permissionsIn(world, id, here));
          return [[id, { ...describeMembership(membership), permissions }]];
        }),
      ),
    };
  }

  function contextData(command: string, target: Named): Asked {
    const onMember = world.users.has(target.id);
    const { id, definition, guildId } = findCommand(state, user, here, command, [onMember ? OnUser : Message]);
    const common = {
      id,
      name: definition.name,
      target_id: target.id,
      ...(guildId !== undefined && { guild_id: guildId }),
    };
    const message = messages.find(target.id);
    if (onMember) {
      const member = here.guildId === undefined ? undefined : world.guild(here.guildId).members.get(target.id);
      const resolved = {
        users: { [target.id]: describeUser(world.user(target.id)) },
        ...(member && {
          members: {
            [target.id]: { ...describeMembership(member), permissions: String(permissionsIn(world, target.id, here)) },
          },
        }),
      };
      return ask(state, user, {
        kind: 'command',
        name: command,
        channel: here,
        data: { ...common, type: OnUser, resolved },
      });
    }
    if (!message || !seen(here).some((one) => one.id === target.id))
      return refuse(`does not see the message ${target.id}`);
    const resolved = { messages: { [target.id]: describeMessage(state, message) } };
    return ask(state, user, {
      kind: 'command',
      name: command,
      channel: here,
      data: { ...common, type: Message, resolved },
    });
  }

  const may = (permission: bigint): boolean => (permissionsIn(world, user.id, here) & permission) === permission;
  const member: Member = {
    id: user.id,
    name: user.username,
    user,
    channel: () => here,
    goTo: (place) => {
      here = at(place);
      return member;
    },
    commandsOffered: () => offeredCommands(state, user, here),
    slash: (command, options = {}) => {
      const [name = '', ...path] = command.split(' ');
      const found = findCommand(state, user, here, name, [ChatInput]);
      return ask(state, user, {
        kind: 'command',
        name: command,
        channel: here,
        data: slashData(fillIn(), found, path, options),
      });
    },
    autocomplete: async (command, option, typed, others = {}) => {
      const [name = '', ...path] = command.split(' ');
      const found = findCommand(state, user, here, name, [ChatInput]);
      checkAutocompletes(fillIn(), found, path, option);
      const data = slashData(fillIn(), found, path, others, { name: option, typed });
      return ask(state, user, { kind: 'autocomplete', name: command, channel: here, data }).choices();
    },
    contextMenu: contextData,
    click: (button, on) =>
      use(
        findComponent(
          ({ type, label, custom_id }) => type === ComponentType.Button && (label === button || custom_id === button),
          on,
          `button ${button}`,
        ),
      ),
    select: (menu, values, on) => {
      const found = findComponent(
        (component) => isSelect(component) && (component.custom_id === menu || component.placeholder === menu),
        on,
        `menu ${menu}`,
      );
      const { options = [], min_values: least = 1, max_values: most = 1, type } = found.component;
      const unknown = values.find(
        (value) => type === ComponentType.StringSelect && !options.some((option) => option.value === value),
      );
      if (unknown !== undefined) refuse(`is not offered ${unknown} in ${menu}`);
      if (values.length < least || values.length > most) refuse(`must choose ${least} to ${most} in ${menu}`);
      return use(found, values);
    },
    submitModal: async (asked, values) => {
      const modal: Modal = await asked.modal();
      const source = state.interactions.byId(asked.id)?.sourceMessageId;
      const message = source === undefined ? undefined : messages.find(source);
      return ask(state, user, {
        kind: 'modal',
        name: modal.custom_id,
        channel: here,
        data: formData(fillIn(), modal, values),
        ...(message && { sourceMessageId: message.id, message: describeMessage(state, message) }),
      });
    },
    post: (text, files = []) => {
      if (!may(PermissionFlagsBits.SendMessages)) refuse('may not write here');
      const uploader = { username: user.username, uploadLimit: uploadLimitOf(state, user, here) };
      const message = messages.create({
        channelId: here.id,
        authorId: user.id,
        content: text,
        embeds: [],
        components: [],
        attachments: files.map((file) => upload(state, uploader, here.id, file, false)),
        flags: 0,
        allowedMentions: undefined,
      });
      announce(state, 'MESSAGE_CREATE', message);
      state.changes.notify();
      return seen(here).find(({ id }) => id === message.id) ?? refuse('may not look here');
    },
    delete: ({ id }) => {
      const message = messages.find(id) ?? refuse(`does not see the message ${id}`);
      const isTheirs = message.authorId === user.id || message.ephemeralTo === user.id;
      if (!isTheirs && !may(PermissionFlagsBits.ManageMessages)) refuse(`may not delete the message ${id}`);
      messages.remove(message);
      announce(state, 'MESSAGE_DELETE', message);
      state.changes.notify();
    },
    messagesSeen: (channel) => seen(at(channel)),
    sees: async (which, { in: place, within } = {}) => {
      const passes = which instanceof RegExp ? (message: SeenMessage) => which.test(message.text) : which;
      const channel = at(place);
      return state.changes.until(
        () => seen(channel).reverse().find(passes),
        `${user.username} to see ${String(which)}`,
        within,
      );
    },
    forge: forgery(state, user, () => here),
    closeDirectMessages: () => {
      user.acceptsDirectMessages = false;
    },
    openDirectMessages: () => {
      user.acceptsDirectMessages = true;
    },
  };
  return member;
}
