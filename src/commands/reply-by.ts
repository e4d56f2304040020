/** Where an interaction can be answered, and with how much: what of it is kept with a request. */
import type { Answerable } from '../discord/answer.ts';
import type { Reply } from '../store/rows.ts';

/** How long an interaction's token lives. */
const tokenLifeMs = 15 * 60_000;

/** Nothing that Discord says may make a result larger than this. */
const mostUpload = 200 * 2 ** 20;

export function replyBy(
  interaction: Answerable,
): Pick<Reply, 'applicationId' | 'tokenExpiresAt' | 'uploadLimit'> & { readonly token: string } {
  return {
    applicationId: interaction.applicationId,
    token: interaction.token,
    tokenExpiresAt: new Date(interaction.createdTimestamp + tokenLifeMs),
    uploadLimit: Math.min(interaction.attachmentSizeLimit, mostUpload),
  };
}
