/** Finds the request that a button, a form or a typed id names, for somebody who may know of it. */
import type { BaseInteraction } from 'discord.js';

import type { BotServices } from '../discord/command.ts';
import { Refusal } from '../policy/refusal.ts';
import { findRequest, type WholeRequest } from '../store/member-requests.ts';

/**
 * Rejects with `refusal.unknown-request` when there is none, or it is neither theirs nor of the guild they stand in: ids can
 * be typed, and nobody shall learn whether another's exists.
 */
export async function requestFor(
  interaction: BaseInteraction,
  id: string,
  { db }: Pick<BotServices, 'db'>,
): Promise<WholeRequest> {
  const request = await findRequest(db, id);
  const isTheirs = request?.requesterId === interaction.user.id;
  const isHere = request !== null && request.guildId !== null && request.guildId === interaction.guildId;
  if (request === null || (!isTheirs && !isHere)) throw new Refusal('refusal.unknown-request');
  return request;
}
