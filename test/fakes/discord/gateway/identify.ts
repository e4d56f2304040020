/** What a client must say to be let in, and what it is told first. */
import { GatewayCloseCodes } from 'discord.js';
import type { State } from '../state.ts';
import { describeGuildCreate, describeUser } from '../world/describe.ts';
import { heardBy, PRIVILEGED } from './events.ts';
import { dispatch, type Session } from './session.ts';

export interface Identify {
  readonly token?: string;
  readonly intents?: number;
  readonly properties?: unknown;
  readonly shard?: readonly [number, number];
}

/** @returns the code to close the connection with, or undefined when the client is let in. */
export function reasonToRefuse({ token, settings }: State, data: Identify): GatewayCloseCodes | undefined {
  const { intents, properties, shard: [shard, shards] = [0, 1] } = data;
  if (data.token !== token) return GatewayCloseCodes.AuthenticationFailed;
  if (intents === undefined || !Number.isInteger(intents) || intents < 0) return GatewayCloseCodes.InvalidIntents;
  if (properties === undefined) return GatewayCloseCodes.DecodeError;
  if (intents & PRIVILEGED & ~settings.privilegedIntents) return GatewayCloseCodes.DisallowedIntents;
  return shard >= shards ? GatewayCloseCodes.InvalidShard : undefined;
}

/** READY, with the guilds as yet unavailable, then each guild. */
export function welcome(state: State, session: Session, shard: readonly [number, number] = [0, 1]): void {
  const { world, applicationId } = state;
  const guilds = [...world.guilds.values()].filter(({ members }) => members.has(world.bot.id));
  dispatch(session, 'READY', {
    v: 10,
    user: { ...describeUser(world.bot), verified: true, mfa_enabled: true, email: null },
    guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
    session_id: session.id,
    resume_gateway_url: state.gatewayAddress(),
    session_type: 'normal',
    shard,
    application: { id: applicationId, flags: 0 },
  });
  for (const guild of guilds) {
    const event = heardBy(session.intents, 'GUILD_CREATE', describeGuildCreate(world, guild), applicationId);
    if (event) dispatch(session, 'GUILD_CREATE', event);
  }
}
