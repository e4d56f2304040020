/** What an interaction's token can do after the first answer: edit it, take it back, follow up. */
import { apiErrors, Refusal } from '../errors.ts';
import type { Interaction } from '../interactions.ts';
import { flags, type StoredMessage } from '../messages.ts';
import type { State } from '../state.ts';
import { announce, describeMessage } from './describe-message.ts';
import { pingsUnasked } from './mentions.ts';
import { composeMessage, type MessageBody } from './message-body.ts';
import { type ApiRequest, noContent, ok, type Operation } from './operation.ts';

/** @throws Refusal 10015 for a token that is unknown or not acknowledged yet, 50027 once it is 15 minutes old. */
function findInteraction(state: State, { parameters }: ApiRequest): Interaction {
  const interaction = state.interactions.byToken(parameters['webhook_token']!);
  const isOurs = parameters['webhook_id'] === state.applicationId;
  if (!isOurs || !interaction?.acknowledged) throw new Refusal(apiErrors.unknownWebhook);
  if (!state.interactions.isTokenAlive(interaction)) throw new Refusal(apiErrors.invalidWebhookToken);
  return interaction;
}

/** The message that the path names: `@original`, or one that this interaction made. */
function findMessage(state: State, interaction: Interaction, { parameters }: ApiRequest): StoredMessage {
  const named = parameters['message_id'] ?? interaction.originalMessageId;
  const message = named === undefined ? undefined : state.messages.find(named);
  const isItsOwn = message?.interactionId === interaction.id || message?.id === interaction.originalMessageId;
  if (!message || !isItsOwn) throw new Refusal(apiErrors.unknownMessage);
  return message;
}

function edit(state: State, request: ApiRequest, interaction: Interaction, message: StoredMessage): StoredMessage {
  const { channelId, uploadLimit } = interaction;
  const changed = composeMessage(
    state,
    { channelId, place: 'edit', uploadLimit },
    request.body as MessageBody,
    request.files,
    message,
  );
  state.messages.edit(message, changed);
  announce(state, 'MESSAGE_UPDATE', message);
  return message;
}

export const updateWebhookMessage: Operation = (state, request) => {
  const interaction = findInteraction(state, request);
  const message = findMessage(state, interaction, request);
  return ok(describeMessage(state, edit(state, request, interaction, message)));
};

export const getWebhookMessage: Operation = (state, request) => {
  const interaction = findInteraction(state, request);
  return ok(describeMessage(state, findMessage(state, interaction, request)));
};

export const deleteWebhookMessage: Operation = (state, request) => {
  const interaction = findInteraction(state, request);
  const message = findMessage(state, interaction, request);
  state.messages.remove(message);
  announce(state, 'MESSAGE_DELETE', message);
  return noContent;
};

/** The first follow-up after a deferral is the answer itself: it takes the place of the loading message. */
export const executeWebhook: Operation = (state, request) => {
  const interaction = findInteraction(state, request);
  const { channelId, uploadLimit, userId } = interaction;
  const body = request.body as MessageBody;
  const original = state.messages.find(interaction.originalMessageId ?? '');
  if (original && original.flags & flags.loading) {
    // Its flags were settled by the deferral: whether it is private cannot be changed any more.
    const { flags: given, ...rest } = body;
    const kept = (given ?? 0) & ~flags.ephemeral;
    return ok(
      describeMessage(state, edit(state, { ...request, body: { ...rest, flags: kept } }, interaction, original)),
    );
  }
  const said = composeMessage(state, { channelId, place: 'follow-up', uploadLimit }, body, request.files);
  const message = state.messages.create({
    ...said,
    channelId,
    authorId: state.applicationId,
    interactionId: interaction.id,
    ephemeralTo: (said.flags & flags.ephemeral) !== 0 ? userId : undefined,
  });
  if (pingsUnasked(message)) request.warn('allowed_mentions is not set and the text names somebody');
  announce(state, 'MESSAGE_CREATE', message);
  return ok(describeMessage(state, message));
};
