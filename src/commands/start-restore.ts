/**
 * From a clip that a member names to a request that waits in the queue: for `/restore` and the context command alike.
 *
 *   checks -> row -> deferred answer -> clip fetched -> looked at -> quota reserved -> waiting
 *
 * What can be known without the clip is checked before anything is said, so that most refusals cost nobody anything. A
 * refusal after the deferral is written into the row and thrown: the router takes the public "thinking…" away and tells
 * the member alone.
 */
import type {
  ChatInputCommandInteraction,
  MessageContextMenuCommandInteraction,
  StringSelectMenuInteraction,
} from 'discord.js';

import { acknowledge } from '../discord/answer.ts';
import type { CommandContext } from '../discord/command.ts';
import { lackingPermissions } from '../discord/permissions.ts';
import { type Limits, limitsFor } from '../policy/limits.ts';
import { refuseAsking } from '../policy/restore-policy.ts';
import type { RestoreParameters } from '../queue/job.ts';
import { guildSettings } from '../store/guild-settings.ts';
import { countOpen, countWaiting, learnReply } from '../store/member-requests.ts';
import { checkQuota } from '../store/quotas.ts';
import { createRequest } from '../store/requests.ts';
import { mediaRoom } from '../store/sweep.ts';
import { seeUser } from '../store/users.ts';
import { admitClip, quotaAsk, refuseOverQuota } from './admit-clip.ts';
import { type Asker, askerOf } from './asker.ts';
import { blockOf } from './block-of.ts';
import { clipName } from './clip-name.ts';
import { endIntake } from './end-intake.ts';
import { fetchClip } from './fetch-clip.ts';
import type { ClipSource } from './message-clips.ts';
import { createTurns } from './turns.ts';

export interface RestoreWish {
  readonly clip: ClipSource;
  readonly parameters: RestoreParameters;
  readonly isPrivate: boolean;
  readonly isSpoiler: boolean;
}

export type RestoreInteraction =
  ChatInputCommandInteraction | MessageContextMenuCommandInteraction | StringSelectMenuInteraction;

/** Rejects with what the router tells the member: a Refusal, a DownloadError, a LumiereError of the clip. */
export type StartRestore = (
  interaction: RestoreInteraction,
  wish: RestoreWish,
  context: CommandContext,
) => Promise<void>;

/** Clips that are fetched and looked at side by side; each look is three processes for a fifth of a second. */
const intakesAtOnce = 4;

/** The card waits that long: a clip that is refused at once should not have shown one. */
const patienceMs = 1500;

/** How long an interaction's token lives. */
const tokenLifeMs = 15 * 60_000;

/** Nothing that Discord says may make a result larger than this. */
const mostUpload = 200 * 2 ** 20;

/** @param modelsDir the weights' folder, where the costs measured on this machine's device are kept. */
export function restoreStarter({ modelsDir }: { readonly modelsDir: string }): StartRestore {
  const turns = createTurns(intakesAtOnce);
  return async (interaction, wish, context) => {
    const asker = askerOf(interaction);
    const limits = await check(interaction, asker, wish, context);
    const { db, queue, cards, now } = context;
    const id = context.newId();
    const { created } = await createRequest(db, {
      id,
      command: 'restore',
      guildId: asker.guildId ?? undefined,
      channelId: interaction.channelId,
      requesterId: asker.id,
      locale: interaction.locale,
      interactionId: interaction.id,
      parameters: wish.parameters,
      inputName: clipName(wish.clip.name),
      clipUrl: wish.clip.url,
      now: new Date(now()),
      reply: {
        applicationId: interaction.applicationId,
        token: interaction.token,
        tokenExpiresAt: new Date(interaction.createdTimestamp + tokenLifeMs),
        isPrivate: wish.isPrivate,
        isSpoiler: wish.isSpoiler,
        uploadLimit: Math.min(interaction.attachmentSizeLimit, mostUpload),
      },
    });
    // Told twice of one interaction: whoever was first answers it.
    if (!created) return;
    const card = setTimeout(() => {
      cards.follow(id);
    }, patienceMs);
    try {
      const { isPrivate, messageId } = await acknowledge(interaction, { isPrivate: wish.isPrivate });
      await seeUser(db, { id: asker.id, locale: interaction.locale, now: new Date(now()) });
      await learnReply(db, id, { isPrivate, ...(messageId !== undefined && { messageId }) });
      await turns(async () => {
        const fetched = await fetchClip(id, wish.clip, { maxBytes: limits.maxInputBytes }, context);
        const { parameters } = wish;
        const clip = { requestId: id, requesterId: asker.id, guildId: asker.guildId, parameters, ...fetched };
        await admitClip(clip, limits, { ...context, modelsDir });
      });
    } catch (error) {
      clearTimeout(card);
      if (await endIntake(id, error, context)) return;
      throw error;
    }
    clearTimeout(card);
    queue.submitted(id);
    cards.follow(id);
  };
}

/** Everything that needs no clip. Rejects with a Refusal; gives the limits that hold. */
async function check(
  interaction: RestoreInteraction,
  asker: Asker,
  { clip, isPrivate }: RestoreWish,
  { db, limits: installation, mediaMaxBytes, now }: CommandContext,
): Promise<Limits> {
  const { guildId } = asker;
  const [settings, block, openOfMember, waiting, room] = await Promise.all([
    guildId === null ? undefined : guildSettings(db, guildId),
    blockOf(asker, db),
    countOpen(db, asker.id),
    countWaiting(db),
    mediaRoom(db, mediaMaxBytes),
  ]);
  const limits = limitsFor(installation, settings);
  const refusal = refuseAsking(
    {
      blocked: block,
      roles: asker.roles,
      allowedRoles: roleIds(settings?.restoreRoles),
      moderates: asker.moderates,
      ageRestrictedOnly: settings?.ageRestrictedOnly ?? false,
      channelIsAgeRestricted: asker.channelIsAgeRestricted,
      // A private answer goes by the interaction's token, which needs no permission.
      lackingPermissions: isPrivate ? [] : lackingPermissions(interaction),
      openOfMember,
      waiting,
      room,
      claimed: { bytes: clip.bytes ?? 0, contentType: clip.contentType },
    },
    limits,
  );
  if (refusal !== undefined) throw refusal;
  const ask = quotaAsk({ userId: asker.id, guildId, seconds: 0 }, limits, now());
  refuseOverQuota(await checkQuota(db, ask), limits, 0);
  return limits;
}

/** As they stand in the row; what is no list of ids lets everybody in. */
function roleIds(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((role): role is string => typeof role === 'string') : [];
}
