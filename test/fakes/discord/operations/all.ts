/** Every operation that is served, by its id in the API description. */
import { createInteractionResponse } from './callbacks.ts';
import { createMessage, deleteMessage, getMessage, listMessages, updateMessage } from './channel-messages.ts';
import { createCommand, deleteCommand, getCommand, listCommands, setCommands, updateCommand } from './commands.ts';
import {
  createDm,
  getBotGateway,
  getChannel,
  getGateway,
  getGuild,
  getGuildMember,
  getMyApplication,
  getMyUser,
  getUser,
  listGuildChannels,
  listGuildRoles,
  listMyGuilds,
  triggerTyping,
} from './lookups.ts';
import type { Operation } from './operation.ts';
import { deleteWebhookMessage, executeWebhook, getWebhookMessage, updateWebhookMessage } from './webhooks.ts';

export const operations: Readonly<Record<string, Operation>> = {
  bulk_set_application_commands: setCommands,
  bulk_set_guild_application_commands: setCommands,
  create_application_command: createCommand,
  create_dm: createDm,
  create_interaction_response: createInteractionResponse,
  create_message: createMessage,
  delete_application_command: deleteCommand,
  delete_message: deleteMessage,
  delete_original_webhook_message: deleteWebhookMessage,
  delete_webhook_message: deleteWebhookMessage,
  execute_webhook: executeWebhook,
  get_application_command: getCommand,
  get_bot_gateway: getBotGateway,
  get_channel: getChannel,
  get_gateway: getGateway,
  get_guild: getGuild,
  get_guild_member: getGuildMember,
  get_message: getMessage,
  get_my_application: getMyApplication,
  get_my_user: getMyUser,
  get_original_webhook_message: getWebhookMessage,
  get_user: getUser,
  get_webhook_message: getWebhookMessage,
  list_application_commands: listCommands,
  list_guild_application_commands: listCommands,
  list_guild_channels: listGuildChannels,
  list_guild_roles: listGuildRoles,
  list_messages: listMessages,
  list_my_guilds: listMyGuilds,
  trigger_typing_indicator: triggerTyping,
  update_application_command: updateCommand,
  update_message: updateMessage,
  update_original_webhook_message: updateWebhookMessage,
  update_webhook_message: updateWebhookMessage,
};
