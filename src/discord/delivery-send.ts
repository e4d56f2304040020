/** One try of a delivery: the request that Discord gets for each place, and the look whether it was there before. */
import {
  type APIMessage,
  type APIMessageTopLevelComponent,
  ComponentType,
  DiscordAPIError,
  type REST,
  Routes,
} from 'discord.js';

import { type ClaimedDelivery, sent } from '../store/deliveries.ts';
import type { DeliveryPlace } from '../store/rows.ts';
import { writeCustomId } from './custom-id.ts';
import type { OutgoingFile } from './delivery-message.ts';
import { isTokenAlive } from './delivery-places.ts';
import { directChannel } from './direct-channel.ts';
import type { Message } from './message.ts';
import { nonceOf } from './nonce.ts';
import { type UploadForm, uploadForm } from './upload-form.ts';

/** Where a message is. */
export interface Arrival {
  readonly channelId: string;
  readonly messageId: string;
}

const arrivalOf = ({ id, channel_id }: APIMessage): Arrival => ({ messageId: id, channelId: channel_id });

/** Sends to one place. Rejects with what discord.js's REST client rejects with. */
export async function sendTo(
  rest: REST,
  { request, tries }: Pick<ClaimedDelivery, 'request' | 'tries'>,
  place: DeliveryPlace,
  said: Message,
  { file, signal }: { readonly file?: OutgoingFile | undefined; readonly signal?: AbortSignal } = {},
): Promise<Arrival> {
  const { reply } = request;
  const breaking = signal === undefined ? {} : { signal };
  if (place === 'interaction') {
    const standing = reply.messageId ?? reply.questionId ?? '@original';
    const route = Routes.webhookMessage(reply.applicationId, reply.token ?? '', standing);
    return arrivalOf(
      (await rest.patch(route, { ...(await form(said, file)), ...breaking, auth: false })) as APIMessage,
    );
  }
  if (place === 'message') {
    const route = Routes.channelMessage(request.channelId, reply.messageId ?? '');
    return arrivalOf((await rest.patch(route, { ...(await form(said, file)), ...breaking })) as APIMessage);
  }
  const channelId = place === 'channel' ? request.channelId : await directChannel(rest, request.requesterId, signal);
  // What was sent, taken away and released again is another message.
  const post = { ...said, nonce: nonceOf(request.id, place, timesSent(tries)), enforce_nonce: true };
  return arrivalOf(
    (await rest.post(Routes.channelMessages(channelId), { ...(await form(post, file)), ...breaking })) as APIMessage,
  );
}

const timesSent = (tries: ClaimedDelivery['tries']): number => tries.filter(({ outcome }) => outcome === sent).length;

/** An empty list takes away what the message had; files are sent anew each time. */
const form = async (said: object, file: OutgoingFile | undefined): Promise<UploadForm | { readonly body: object }> =>
  file === undefined ? { body: { ...said, attachments: [] } } : await uploadForm(said, file);

/** Discord's page of messages, and as many pages of a busy channel as are looked through. */
const pageSize = 100;
const mostPages = 10;

/** How a look goes: at which time, in milliseconds since 1970, and until when it is wanted. */
interface Looking {
  readonly now: number;
  readonly signal: AbortSignal;
}

/** A signal of its own for each request: discord.js never takes its listener off. */
const until = ({ signal }: Looking): { readonly signal: AbortSignal } => ({ signal: AbortSignal.any([signal]) });

/** The channel's messages since `moment`, newest first. */
async function messagesSince(rest: REST, channelId: string, moment: Date, looking: Looking): Promise<APIMessage[]> {
  const found: APIMessage[] = [];
  for (let page = 0; page < mostPages; page += 1) {
    const oldest = found.at(-1);
    const query = new URLSearchParams({ limit: String(pageSize), ...(oldest && { before: oldest.id }) });
    const options = { query, ...until(looking) };
    const messages = (await rest.get(Routes.channelMessages(channelId), options)) as APIMessage[];
    found.push(...messages);
    const last = messages.at(-1);
    if (messages.length < pageSize || last === undefined || Date.parse(last.timestamp) < moment.getTime()) break;
  }
  return found;
}

/**
 * Looks for the answer where an earlier try may have left it: in the member's message, and where it was posted since.
 * Rejects when Discord cannot be asked at present; what may not be read counts as not there.
 */
export function findSent(
  rest: REST,
  delivery: ClaimedDelivery,
  place: DeliveryPlace,
  said: Message,
  looking: Looking,
): Promise<Arrival | undefined> {
  return find(rest, { ...delivery, place }, (message) => carries(message, delivery.request.id, said), looking);
}

/** The same for the result of a request, wherever its tries have got to; with the place it was found at. */
export async function findResult(
  rest: REST,
  request: ClaimedDelivery['request'],
  { place, createdAt }: Pick<ClaimedDelivery, 'place' | 'createdAt'>,
  looking: Looking,
): Promise<(Arrival & { readonly place: DeliveryPlace }) | undefined> {
  const report = writeCustomId('report', request.id);
  const isIt = ({ components = [] }: APIMessage): boolean => marksOf(components).has(report);
  for (const tried of reached[place]) {
    const found = await find(rest, { request, createdAt, place: tried }, isIt, looking);
    if (found !== undefined) return { ...found, place: tried };
  }
  return undefined;
}

/** Where a delivery that stands at a place may have left something. */
const reached: Readonly<Record<DeliveryPlace, readonly DeliveryPlace[]>> = {
  interaction: ['interaction'],
  message: ['interaction'],
  channel: ['interaction', 'channel'],
  direct: ['interaction', 'channel', 'direct'],
};

async function find(
  rest: REST,
  { request, createdAt, place }: Pick<ClaimedDelivery, 'request' | 'createdAt' | 'place'>,
  isIt: (message: APIMessage) => boolean,
  looking: Looking,
): Promise<Arrival | undefined> {
  const { reply } = request;
  const places: (() => Promise<readonly APIMessage[]>)[] = [];
  if (reply.isPrivate && isTokenAlive(reply, looking.now)) {
    const route = Routes.webhookMessage(reply.applicationId, reply.token ?? '', reply.messageId ?? '@original');
    places.push(async () => [(await rest.get(route, { auth: false, ...until(looking) })) as APIMessage]);
  } else if (!reply.isPrivate && reply.messageId !== null) {
    const route = Routes.channelMessage(request.channelId, reply.messageId);
    places.push(async () => [(await rest.get(route, until(looking))) as APIMessage]);
  }
  const since = (channelId: string): Promise<readonly APIMessage[]> =>
    messagesSince(rest, channelId, createdAt, looking);
  if (place === 'channel' || (place === 'direct' && !reply.isPrivate)) places.push(() => since(request.channelId));
  if (place === 'direct') {
    places.push(async () => since(await directChannel(rest, request.requesterId, looking.signal)));
  }
  for (const look of places) {
    const found = (await readable(look)).find(isIt);
    if (found !== undefined) return arrivalOf(found);
  }
  return undefined;
}

async function readable(look: () => Promise<readonly APIMessage[]>): Promise<readonly APIMessage[]> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof DiscordAPIError && error.status < 500 && error.status !== 429) return [];
    throw error;
  }
}

/** A result is known by its buttons, which name the request; a notice by its words. */
function carries({ components = [] }: APIMessage, requestId: string, said: Message): boolean {
  const marks = marksOf(said.components);
  const report = writeCustomId('report', requestId);
  const there = marksOf(components);
  if (marks.has(report)) return there.has(report);
  return marks.size > 0 && there.size === marks.size && [...marks].every((mark) => there.has(mark));
}

/** Texts and button ids of a message. */
function marksOf(components: readonly APIMessageTopLevelComponent[]): Set<string> {
  const marks = new Set<string>();
  for (const component of components) {
    if (component.type !== ComponentType.Container) continue;
    for (const part of component.components) {
      if (part.type === ComponentType.TextDisplay) marks.add(part.content);
      if (part.type !== ComponentType.ActionRow) continue;
      for (const inner of part.components) if ('custom_id' in inner) marks.add(inner.custom_id);
    }
  }
  return marks;
}
