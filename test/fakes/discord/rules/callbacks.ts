/** Which first answer may be given to which interaction, when, and what a deferral may carry. */
import { InteractionResponseType } from 'discord.js';
import { apiErrors, type FormFault, formFault, Refusal, refuseFaults } from '../errors.ts';
import type { Interaction, InteractionKind, Interactions } from '../interactions.ts';

const { ChannelMessageWithSource, DeferredChannelMessageWithSource, DeferredMessageUpdate, UpdateMessage } =
  InteractionResponseType;
const { ApplicationCommandAutocompleteResult, Modal } = InteractionResponseType;

const FITTING: Readonly<Record<InteractionKind, readonly InteractionResponseType[]>> = {
  command: [ChannelMessageWithSource, DeferredChannelMessageWithSource, Modal],
  component: [ChannelMessageWithSource, DeferredChannelMessageWithSource, DeferredMessageUpdate, UpdateMessage, Modal],
  autocomplete: [ApplicationCommandAutocompleteResult],
  modal: [ChannelMessageWithSource, DeferredChannelMessageWithSource],
};

const TO_A_MESSAGES_MODAL: readonly InteractionResponseType[] = [DeferredMessageUpdate, UpdateMessage];

/** @throws Refusal 10062 for an interaction that is unknown or over 3 s old, 40060 for a second acknowledgement. */
export function findAnswerable(interactions: Interactions, id: string, token: string): Interaction {
  const interaction = interactions.byToken(token);
  if (interaction?.id !== id) throw new Refusal(apiErrors.unknownInteraction);
  if (interaction.acknowledged) throw new Refusal(apiErrors.alreadyAcknowledged);
  if (!interactions.isAnswerable(interaction)) throw new Refusal(apiErrors.unknownInteraction);
  return interaction;
}

/** @throws Refusal 50035 when this type of answer does not fit the interaction. */
export function checkFits({ kind, sourceMessageId }: Interaction, type: InteractionResponseType): void {
  const fits =
    FITTING[kind].includes(type) ||
    (kind === 'modal' && sourceMessageId !== undefined && TO_A_MESSAGES_MODAL.includes(type));
  if (!fits) {
    refuseFaults([formFault(['type'], 'INTERACTION_RESPONSE_TYPE_INVALID', `type ${type} does not answer a ${kind}`)]);
  }
}

/** A deferral carries the ephemeral flag or nothing; a deferred update nothing at all. */
export function deferralFaults(
  type: InteractionResponseType,
  data: Readonly<Record<string, unknown>> | null | undefined,
): FormFault[] {
  const isUpdate = type === DeferredMessageUpdate;
  return Object.entries(data ?? {})
    .filter(([name, value]) => value !== undefined && value !== null && (isUpdate || name !== 'flags'))
    .map(([name]) => formFault(['data', name], 'UNKNOWN_FIELD', 'A deferred answer may carry only the ephemeral flag'));
}
