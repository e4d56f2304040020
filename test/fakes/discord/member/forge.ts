/**
 * What a member sends whose client was changed: commands that they are not offered, buttons that were never shown, forms that
 * nobody opened. Discord passes such things on, with the member's own permissions.
 */
import { ApplicationCommandType, ComponentType } from 'discord.js';
import { commandType } from '../commands.ts';
import { describeMessage } from '../operations/describe-message.ts';
import type { State } from '../state.ts';
import type { Channel, User } from '../world/model.ts';
import { ask, type Asked } from './ask.ts';
import { type OptionValues, slashData } from './commands.ts';
import { MemberError } from './member-error.ts';

export interface Forgery {
  readonly slash: (command: string, options?: OptionValues) => Asked;
  /** What is being typed for an option. */
  readonly typing: (command: string, option: string, typed: string) => Asked;
  /** A button, or with `values` a menu. */
  readonly component: (customId: string, values?: readonly string[]) => Asked;
  /** A form with these texts by the ids of their fields. */
  readonly form: (customId: string, texts: Readonly<Record<string, string>>) => Asked;
}

export function forgery(state: State, user: User, here: () => Channel): Forgery {
  const slash = (command: string, options: OptionValues, focused?: { name: string; typed: string }): Asked => {
    const [name = '', ...path] = command.split(' ');
    const found = state.commands
      .list(undefined)
      .find(
        ({ definition }) => definition.name === name && commandType(definition) === ApplicationCommandType.ChatInput,
      );
    if (found === undefined) throw new MemberError(user.username, `cannot forge ${name}: there is no such command`);
    const channel = here();
    const data = slashData({ state, user, channel }, found, path, options, focused);
    return ask(state, user, { kind: focused ? 'autocomplete' : 'command', name: command, channel, data });
  };
  /** Something the bot or anybody said there; a forged press has to name a message. */
  const someMessage = () => {
    const channel = here();
    return state.messages.create({
      channelId: channel.id,
      authorId: state.world.bot.id,
      content: 'an old message',
      embeds: [],
      components: [],
      attachments: [],
      flags: 0,
      allowedMentions: undefined,
    });
  };
  return {
    slash: (command, options = {}) => slash(command, options),
    typing: (command, option, typed) => slash(command, {}, { name: option, typed }),
    component: (customId, values) => {
      const message = someMessage();
      return ask(state, user, {
        kind: 'component',
        name: customId,
        channel: here(),
        sourceMessageId: message.id,
        message: describeMessage(state, message),
        data: {
          custom_id: customId,
          component_type: values === undefined ? ComponentType.Button : ComponentType.StringSelect,
          id: 1,
          ...(values && { values }),
        },
      });
    },
    form: (customId, texts) => {
      const components = Object.entries(texts).map(([field, value], at) => ({
        type: ComponentType.Label,
        id: at * 2 + 1,
        component: { type: ComponentType.TextInput, id: at * 2 + 2, custom_id: field, value },
      }));
      return ask(state, user, {
        kind: 'modal',
        name: customId,
        channel: here(),
        data: { custom_id: customId, components, resolved: {} },
      });
    },
  };
}
