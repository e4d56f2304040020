/**
 * The buttons under a question about somebody's face: for the member who is asked and nobody else, or for the moderators of
 * the guild. A yes takes the request in again; a no ends it. The message that asked goes either way.
 */
import { type MessageComponentInteraction, Routes } from 'discord.js';

import { acknowledge, acknowledgePress, answerPrivately } from '../discord/answer.ts';
import type { CommandContext, ComponentHandler, ComponentSet } from '../discord/command.ts';
import { takeMessageAway } from '../discord/take-away.ts';
import { notice } from '../discord/message.ts';
import { refuseMember } from '../policy/asking.ts';
import { Refusal } from '../policy/refusal.ts';
import { acceptConsent, type Answered, forgetConsentMessage, refuseConsent } from '../store/consent-questions.ts';
import { findRequest } from '../store/member-requests.ts';
import { recordModeratorAction } from '../store/moderator-actions.ts';
import type { Consent } from '../store/rows.ts';
import { viewOf, withPhoto } from './consent-asking.ts';
import { consentQuestion } from './consent-question.ts';
import { showSource } from './consent-source.ts';
import { endTold } from './end-intake.ts';
import { limitsOfRequester } from './limits-in.ts';
import { factsOfRequester } from './member-facts.ts';
import { moderatorOf } from './moderator-of.ts';
import { withFile } from './send-file.ts';
import { filesOfRow, takeInRequest } from './take-in.ts';

/** @param modelsDir where the costs measured on this machine are kept. */
export function consentAnswers({ modelsDir }: { readonly modelsDir: string }): ComponentSet {
  const yes =
    (scope: 'photo' | 'requester'): ComponentHandler =>
    async (interaction, { subject: id }, context) => {
      const consent = await askedOf(interaction, id, context);
      await acknowledgePress(interaction);
      const by = { role: 'member', id: interaction.user.id } as const;
      await goOn(settled(await acceptConsent(context.db, id, { scope, by, now: new Date(context.now()) })), context);
      const params = { requester: `<@${consent.requesterId}>` };
      await confirm(interaction, consent, context.t(`consent.accepted.${scope}`, params), context);
    };
  const no =
    (scope: 'photo' | 'requester'): ComponentHandler =>
    async (interaction, { subject: id }, context) => {
      const consent = await askedOf(interaction, id, context);
      await acknowledgePress(interaction);
      const by = { role: 'member', id: interaction.user.id } as const;
      const answer = { scope, by, now: new Date(context.now()), code: 'queue.consent-declined' };
      await end(settled(await refuseConsent(context.db, id, answer)), context);
      const params = { requester: `<@${consent.requesterId}>` };
      await confirm(interaction, consent, context.t(`consent.declined.${scope}`, params), context);
    };

  const decide =
    (kind: 'approve' | 'decline'): ComponentHandler =>
    async (interaction, { subject: id }, context) => {
      const { db, now, t } = context;
      const { moderatorId, guildId } = moderatorOf(interaction);
      const consent = await toApprove(interaction, id, context);
      if (consent.requesterId === moderatorId) throw new Refusal('refusal.not-your-own');
      await acknowledgePress(interaction);
      const at = new Date(now());
      const answer = { scope: 'photo', by: { role: 'moderator', id: moderatorId }, now: at } as const;
      const action = { kind, moderatorId, guildId, targetUserId: consent.requesterId, now: at };
      const settledBy: typeof acceptConsent = (base, consentId, given) => {
        const also = (tx: Parameters<typeof recordModeratorAction>[0], { id: requestId }: { readonly id: string }) =>
          recordModeratorAction(tx, { ...action, requestId });
        if (kind === 'approve') return acceptConsent(base, consentId, given, also);
        return refuseConsent(base, consentId, { ...given, code: 'queue.not-approved' }, also);
      };
      const answered = settled(await settledBy(db, id, answer));
      await (kind === 'approve' ? goOn(answered, context) : end(answered, context));
      const said = t(kind === 'approve' ? 'consent.approval.approved' : 'consent.approval.declined');
      await confirm(interaction, consent, said, context);
    };

  /** A yes goes on where the requester's last word left the request. What keeps it from that is theirs to know, not the member's. */
  const goOn = async ({ request }: Answered, context: CommandContext): Promise<void> => {
    const { db, queue, cards } = context;
    const { id } = request;
    try {
      const row = await findRequest(db, id);
      if (row === null) return;
      const refusal = refuseMember(await factsOfRequester(request, context));
      if (refusal !== undefined) throw refusal;
      const limits = await limitsOfRequester(context, request);
      await takeInRequest(row, filesOfRow(row), { limits }, { ...context, modelsDir });
    } catch (error) {
      await endTold(id, error, context);
      return;
    }
    queue.submitted(id);
    cards.follow(id);
  };

  return {
    kind: 'components',
    components: {
      'consent-photo': yes('photo'),
      'consent-requester': yes('requester'),
      'consent-no': no('photo'),
      'consent-never': no('requester'),
      'consent-look': look,
      'consent-source': async (interaction, { subject: id }, context) => {
        const consent = await context.db.consent.findUnique({ where: { id }, select: { kind: true } });
        const mayLook = consent?.kind === 'outsider' ? toApprove : askedOf;
        await showSource(interaction, await mayLook(interaction, id, context), context);
      },
      approve: decide('approve'),
      disapprove: decide('decline'),
    },
  };
}

/** The question, for the one who is asked while they are. Rejects with a Refusal for everybody else, the requester too. */
async function askedOf(interaction: MessageComponentInteraction, id: string, { db }: CommandContext): Promise<Consent> {
  const consent = await db.consent.findUnique({ where: { id } });
  if (consent?.kind !== 'member') throw new Refusal('refusal.unknown-request');
  if (consent.subjectId !== interaction.user.id) throw new Refusal('refusal.not-asked');
  if (consent.state !== 'asked') throw new Refusal('refusal.question-settled');
  return consent;
}

/** The question about somebody who is not on Discord, for the moderators of its guild while it is open. */
async function toApprove(
  interaction: MessageComponentInteraction,
  id: string,
  { db }: CommandContext,
): Promise<Consent> {
  const { guildId } = moderatorOf(interaction);
  const consent = await db.consent.findUnique({ where: { id } });
  if (consent?.kind !== 'outsider' || consent.guildId !== guildId) throw new Refusal('refusal.unknown-request');
  if (consent.state !== 'asked') throw new Refusal('refusal.question-settled');
  return consent;
}

/** @throws Refusal when another press was first, or the time was over. */
function settled(answered: Answered | undefined): Answered {
  if (answered === undefined) throw new Refusal('refusal.question-settled');
  return answered;
}

/**
 * After all that follows from an answer: it was written down, and counts whether or not Discord can be reached now. The message
 * that asked goes first; one that stays says that it is settled when it is pressed again.
 */
async function confirm(
  interaction: MessageComponentInteraction,
  consent: Consent,
  said: string,
  context: CommandContext,
): Promise<void> {
  try {
    await close(consent, context);
    await answerPrivately(interaction, notice('done', said));
  } catch (error) {
    context.log.warn({ err: error }, 'an answer about consent could not be confirmed');
  }
}

/** The message that asked. One that stays is taken away later. */
async function close({ id }: Consent, { db, deliveryRest }: CommandContext): Promise<void> {
  const consent = await db.consent.findUniqueOrThrow({ where: { id } });
  const { channelId, messageId } = consent;
  if (channelId === null || messageId === null) return;
  if ((await takeMessageAway(deliveryRest, { channelId, messageId })) === 'gone')
    await forgetConsentMessage(db, consent);
}

/** What was asked for is over: nobody shows its progress any more. */
const end = ({ request }: Answered, { cards }: CommandContext): Promise<void> => cards.release(request.id);

/** The whole question for the one who is asked alone: of a private request, or of one whose message is gone. */
async function look(
  interaction: MessageComponentInteraction,
  { subject: id }: { readonly subject: string },
  context: CommandContext,
): Promise<void> {
  const { db, deliveryRest, t } = context;
  const consent = await askedOf(interaction, id, context);
  await acknowledge(interaction, { isPrivate: true });
  const request = await db.request.findFirst({ where: { consentId: id }, select: { id: true } });
  const whole = request === null ? null : await findRequest(db, request.id);
  const preview = whole?.media.find(({ role }) => role === 'preview');
  if (!whole || preview === undefined) throw new Refusal('refusal.question-settled');
  const said = consentQuestion(viewOf(consent, whole), t);
  const { applicationId, token } = interaction;
  await withFile(context, preview.sha256, async (path) => {
    const form = await withPhoto(said, path);
    await deliveryRest.patch(Routes.webhookMessage(applicationId, token), { ...form, auth: false });
  });
}
