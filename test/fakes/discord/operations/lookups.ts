/** Reading what there is: the gateway's address, the application, users, guilds, channels. */
import { apiErrors, Refusal } from '../errors.ts';
import { SECOND } from '../clock.ts';
import {
  describeChannel,
  describeGuild,
  describeMember,
  describeRoles,
  describeTextChannel,
  describeUser,
} from '../world/describe.ts';
import type { Guild } from '../world/model.ts';
import { permissionsInGuild, requireBotPermissions } from '../world/permissions.ts';
import { type ApiRequest, noContent, ok, type Operation } from './operation.ts';
import type { State } from '../state.ts';

/** A guild that the bot is in; of others it hears nothing. */
function joinedGuild({ world }: State, { parameters }: ApiRequest): Guild {
  const guild = world.guild(parameters['guild_id']!);
  if (!guild.members.has(world.bot.id)) throw new Refusal(apiErrors.unknownGuild);
  return guild;
}

export const getGateway: Operation = (state) => ok({ url: state.gatewayAddress() });

export const getBotGateway: Operation = (state) =>
  ok({
    url: state.gatewayAddress(),
    shards: 1,
    session_start_limit: { total: 1000, remaining: 999, reset_after: SECOND, max_concurrency: 1 },
  });

export const getMyApplication: Operation = ({ applicationId, world }) =>
  ok({
    id: applicationId,
    name: world.bot.username,
    icon: null,
    description: '',
    type: null,
    bot: describeUser(world.bot),
    verify_key: '0'.repeat(64),
    flags: 0,
    flags_new: '0',
    eligible_oauth2_scopes: ['bot', 'applications.commands'],
    bot_public: true,
    bot_require_code_grant: false,
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    owner: describeUser(world.bot),
    approximate_guild_count: world.guilds.size,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    event_webhooks_status: 1,
    event_webhooks_url: null,
    explicit_content_filter: 0,
    team: null,
  });

export const getMyUser: Operation = ({ world }) =>
  ok({
    ...describeUser(world.bot),
    mfa_enabled: true,
    locale: 'en-US',
    email: null,
    verified: true,
    premium_type: 0,
  });

export const listMyGuilds: Operation = ({ world }) =>
  ok(
    [...world.guilds.values()]
      .filter(({ members }) => members.has(world.bot.id))
      .map(({ id, name, ownerId }) => ({
        id,
        name,
        icon: null,
        banner: null,
        owner: ownerId === world.bot.id,
        permissions: String(permissionsInGuild(world, world.bot.id, id)),
        features: [],
      })),
  );

export const getUser: Operation = ({ world }, { parameters }) => ok(describeUser(world.user(parameters['user_id']!)));

export const createDm: Operation = ({ world }, { body }) => {
  const { recipient_id: recipientId } = body as { recipient_id?: string | null };
  const recipient = world.user(recipientId ?? '');
  return ok(describeChannel(world, world.directChannel(recipient.id)));
};

export const getChannel: Operation = ({ world }, { parameters }) => {
  const channel = world.channel(parameters['channel_id']!);
  requireBotPermissions(world, channel, 0n);
  return ok(describeChannel(world, channel));
};

export const triggerTyping: Operation = ({ world }, { parameters }) => {
  requireBotPermissions(world, world.channel(parameters['channel_id']!), 0n);
  return noContent;
};

export const getGuild: Operation = (state, request) => ok(describeGuild(joinedGuild(state, request)));

export const listGuildChannels: Operation = (state, request) => {
  const guild = joinedGuild(state, request);
  return ok([...guild.channelIds].map((id) => describeTextChannel(state.world.channel(id), guild.id)));
};

export const listGuildRoles: Operation = (state, request) => ok(describeRoles(joinedGuild(state, request)));

export const getGuildMember: Operation = (state, request) => {
  const guild = joinedGuild(state, request);
  return ok(describeMember(state.world, state.world.member(guild.id, request.parameters['user_id']!)));
};
