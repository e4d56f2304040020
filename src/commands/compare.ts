/** The *Compare* button under a result: before and after side by side, made once, shown to whoever presses. */
import { ComponentType, type MessageComponentInteraction } from 'discord.js';

import { acknowledge } from '../discord/answer.ts';
import type { CommandContext, ComponentSet } from '../discord/command.ts';
import type { CustomId } from '../discord/custom-id.ts';
import { resultName } from '../discord/delivery-message.ts';
import { container, message, plain, text } from '../discord/message.ts';
import { rateLimit } from '../policy/rate-limit.ts';
import { Refusal } from '../policy/refusal.ts';
import { QueueProblem } from '../queue/reasons.ts';
import { mostBytes, smallestUpload } from '../queue/upload-limits.ts';
import { findPictureFault } from '../store/blocks.ts';
import { askerOf } from './asker.ts';
import { blockOf } from './block-of.ts';
import { requestFor } from './request-for.ts';
import { answerWithFile, noteIntended, noteShown, withFile } from './send-file.ts';
import { storedResult } from './stored-result.ts';

/** Small enough for everybody who may press, wherever they stand. */
const maxBytes = mostBytes(smallestUpload);

/** The interaction's token lives a quarter of an hour; what is not ready by then is there at the next press. */
const longestWaitMs = 12 * 60_000;

/** Comparisons that one member may ask for in an hour; one that is kept costs little, and counts. */
const comparisonsPerHour = 30;

export function compareButton(): ComponentSet {
  const limit = rateLimit(comparisonsPerHour);
  return {
    kind: 'components',
    components: {
      compare: (interaction, id, context) => {
        limit.take(interaction.user.id, context.now());
        return compare(interaction, id, context);
      },
    },
  };
}

async function compare(
  interaction: MessageComponentInteraction,
  { subject }: CustomId,
  context: CommandContext,
): Promise<void> {
  const { db, queue, t, now } = context;
  const acknowledged = await acknowledge(interaction, { isPrivate: true });
  const blocked = await blockOf(askerOf(interaction), context);
  if (blocked !== undefined) throw new Refusal(`refusal.blocked-${blocked}`);
  const request = await requestFor(interaction, subject, context);
  const { reply } = storedResult(request, now());
  const unwanted = await findPictureFault(db, request);
  if (unwanted !== undefined) throw new QueueProblem(unwanted);
  const made = queue.compare(request.id, { maxBytes, labels: [t('compare.before'), t('compare.after')] });
  const { sha256 } = await inTime(made);
  const mediaType = 'video/mp4';
  const name = resultName(request, mediaType).replace(/\.restored\.mp4$/, '.compared.mp4');
  const item = { media: { url: `attachment://${name}` }, ...(reply.isSpoiler && { spoiler: true }) };
  const said = message([
    container('done', [
      { type: ComponentType.MediaGallery, items: [item] },
      text(`-# ${t('compare.caption', { clip: plain(request.inputName ?? '') })}`),
    ]),
  ]);
  await noteIntended(interaction, request.id, acknowledged, context);
  await withFile(context, sha256, async (path) => {
    const file = { path, mediaType, name, isSpoiler: reply.isSpoiler };
    await noteShown(interaction, request.id, await answerWithFile(interaction, said, file, context), context);
  });
}

/** Gives up waiting, not the work: rejects with `refusal.comparison-late` after `longestMs`. */
export async function inTime<Made>(made: Promise<Made>, longestMs = longestWaitMs): Promise<Made> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Refusal('refusal.comparison-late'));
    }, longestMs);
  });
  try {
    return await Promise.race([made, late]);
  } finally {
    clearTimeout(timer);
  }
}
