/** The first answer to an interaction. */
import { type APIApplicationCommandOptionChoice, InteractionResponseType } from 'discord.js';
import { apiErrors, Refusal, refuseFaults } from '../errors.ts';
import { type Interaction, interactionTypes, type Modal } from '../interactions.ts';
import { flags } from '../messages.ts';
import { checkFits, deferralFaults, findAnswerable } from '../rules/callbacks.ts';
import { flagFaults } from '../rules/messages.ts';
import { modalFaults } from '../rules/modals.ts';
import type { State } from '../state.ts';
import { announce, describeMessage } from './describe-message.ts';
import { pingsUnasked } from './mentions.ts';
import { composeMessage, type MessageBody } from './message-body.ts';
import { type ApiRequest, noContent, ok, type Operation } from './operation.ts';

interface CallbackBody {
  readonly type: InteractionResponseType;
  readonly data?: (MessageBody & { choices?: APIApplicationCommandOptionChoice[] } & Partial<Modal>) | null;
}

const { DeferredChannelMessageWithSource, DeferredMessageUpdate } = InteractionResponseType;

function reply(state: State, interaction: Interaction, { data, type }: CallbackBody, request: ApiRequest): void {
  const isDeferred = type === DeferredChannelMessageWithSource;
  const { channelId, userId, uploadLimit } = interaction;
  let said;
  if (isDeferred) {
    refuseFaults([
      ...deferralFaults(type, { ...data }),
      ...flagFaults(data?.flags ?? 0, 'deferral').map((fault) => ({ ...fault, path: ['data', ...fault.path] })),
    ]);
    const set = (data?.flags ?? 0) | flags.loading;
    said = { content: '', embeds: [], components: [], attachments: [], flags: set, allowedMentions: undefined };
  } else {
    said = composeMessage(state, { channelId, place: 'reply', uploadLimit }, data ?? {}, request.files, undefined, [
      'data',
    ]);
  }
  const message = state.messages.create({
    ...said,
    channelId,
    authorId: state.applicationId,
    interactionId: interaction.id,
    ephemeralTo: (said.flags & flags.ephemeral) !== 0 ? userId : undefined,
  });
  if (pingsUnasked(message)) request.warn('allowed_mentions is not set and the text names somebody');
  interaction.originalMessageId = message.id;
  announce(state, 'MESSAGE_CREATE', message);
}

function update(state: State, interaction: Interaction, { data, type }: CallbackBody, request: ApiRequest): void {
  const source =
    interaction.sourceMessageId === undefined ? undefined : state.messages.find(interaction.sourceMessageId);
  if (!source) throw new Refusal(apiErrors.unknownMessage);
  interaction.originalMessageId = source.id;
  if (type === DeferredMessageUpdate) {
    refuseFaults(deferralFaults(type, { ...data }));
    return;
  }
  const { channelId, uploadLimit } = interaction;
  const changed = composeMessage(state, { channelId, place: 'edit', uploadLimit }, data ?? {}, request.files, source, [
    'data',
  ]);
  state.messages.edit(source, changed);
  announce(state, 'MESSAGE_UPDATE', source);
}

function openModal(_state: State, interaction: Interaction, { data }: CallbackBody): void {
  const { custom_id = '', title = '', components = [] } = data ?? {};
  const modal: Modal = { custom_id, title, components };
  refuseFaults(modalFaults(modal));
  interaction.modal = modal;
}

function offerChoices(_state: State, interaction: Interaction, { data }: CallbackBody): void {
  interaction.choices = data?.choices ?? [];
}

type Answer = (state: State, interaction: Interaction, body: CallbackBody, request: ApiRequest) => void;

/** The types that are missing start activities or answer applications that take interactions over HTTP; none fits. */
const answers = new Map<InteractionResponseType, Answer>([
  [InteractionResponseType.ChannelMessageWithSource, reply],
  [DeferredChannelMessageWithSource, reply],
  [DeferredMessageUpdate, update],
  [InteractionResponseType.UpdateMessage, update],
  [InteractionResponseType.ApplicationCommandAutocompleteResult, offerChoices],
  [InteractionResponseType.Modal, openModal],
]);

function describeCallback(state: State, interaction: Interaction, type: InteractionResponseType): unknown {
  const { id, kind, originalMessageId } = interaction;
  const message = originalMessageId === undefined ? undefined : state.messages.find(originalMessageId);
  const isMessage =
    type === InteractionResponseType.ChannelMessageWithSource || type === InteractionResponseType.UpdateMessage;
  return {
    interaction: {
      id,
      type: interactionTypes[kind],
      ...(message && {
        response_message_id: message.id,
        response_message_loading: (message.flags & flags.loading) !== 0,
        response_message_ephemeral: (message.flags & flags.ephemeral) !== 0,
      }),
    },
    ...(message && isMessage && { resource: { type, message: describeMessage(state, message) } }),
  };
}

export const createInteractionResponse: Operation = (state, request) => {
  const { interaction_id: id, interaction_token: token } = request.parameters;
  const body = request.body as CallbackBody;
  const interaction = findAnswerable(state.interactions, id!, token!);
  checkFits(interaction, body.type);
  answers.get(body.type)?.(state, interaction, body, request);
  interaction.acknowledged = {
    type: body.type,
    at: state.clock.now(),
    afterMs: performance.now() - interaction.sentAt,
  };
  return request.query.get('with_response') === 'true'
    ? ok(describeCallback(state, interaction, body.type))
    : noContent;
};
