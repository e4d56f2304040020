/**
 * From files that a member names to a request that waits in the queue: for slash and context commands alike.
 *
 *   checks -> row -> deferred answer -> files fetched -> looked at -> quota reserved -> waiting
 *
 * What can be known without the files is checked before anything is said, so that most refusals cost nobody anything. A
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
import { refuseClaimedAnimation } from '../policy/animate-policy.ts';
import { refuseAsking, refuseTries } from '../policy/asking.ts';
import { refuseSubject } from '../policy/consent.ts';
import { type Limits, limitsFor } from '../policy/limits.ts';
import type { Refusal } from '../policy/refusal.ts';
import { refuseClaimedClip } from '../policy/restore-policy.ts';
import { type AnimateParameters, movesAFace, type RestoreParameters } from '../queue/job.ts';
import { toJson } from '../queue/json.ts';
import type { GivenRole } from '../queue/request-files.ts';
import { guildSettings } from '../store/guild-settings.ts';
import { namesOf } from '../store/log-chain.ts';
import { countOpen, countWaiting, learnReply, takenInSince } from '../store/member-requests.ts';
import { checkQuota, quotaWindowMs } from '../store/quotas.ts';
import { createRequest } from '../store/requests.ts';
import { mediaRoom } from '../store/sweep.ts';
import { seeUser } from '../store/users.ts';
import { quotaAsk, refuseOverQuota, subjectFacts } from './admit.ts';
import { type Asker, askerOf } from './asker.ts';
import { channelAgeOf } from './channel-age.ts';
import { endIntake } from './end-intake.ts';
import { fileName } from './file-name.ts';
import { memberFacts } from './member-facts.ts';
import type { FileSource } from './message-files.ts';
import { replyBy } from './reply-by.ts';
import { takeInRequest } from './take-in.ts';
import { createTurns } from './turns.ts';

/** A file and its part in the request. */
export interface GivenFile {
  readonly role: GivenRole;
  readonly source: FileSource;
}

export interface Wish {
  /** The clip or photograph first. */
  readonly files: readonly GivenFile[];
  readonly parameters: RestoreParameters | AnimateParameters;
  /** The preset, where one was chosen by name. */
  readonly chosenMotion?: string | undefined;
  readonly isPrivate: boolean;
  readonly isSpoiler: boolean;
}

export type AskingInteraction =
  ChatInputCommandInteraction | MessageContextMenuCommandInteraction | StringSelectMenuInteraction;

/** Rejects with what the router tells the member: a Refusal, a DownloadError, a LumiereError of the files. */
export type StartRequest = (interaction: AskingInteraction, wish: Wish, context: CommandContext) => Promise<void>;

/** Requests whose files are fetched, and clips looked at, side by side; each such look is three processes for a fifth of a second. */
const intakesAtOnce = 4;

/** The card waits that long: a clip that is refused at once should not have shown one. */
const patienceMs = 1500;

/** @param modelsDir the weights' folder, where the costs measured on this machine's device are kept. */
export function requestStarter({ modelsDir }: { readonly modelsDir: string }): StartRequest {
  const turns = createTurns(intakesAtOnce);
  return async (interaction, wish, context) => {
    const asker = askerOf(interaction);
    const limits = await check(interaction, asker, wish, context);
    const { db, queue, cards, now } = context;
    const { files, parameters, isSpoiler } = wish;
    const { command } = parameters;
    const id = context.newId();
    const { request, created } = await createRequest(db, {
      id,
      command,
      guildId: asker.guildId ?? undefined,
      channelId: interaction.channelId,
      requesterId: asker.id,
      locale: interaction.locale,
      interactionId: interaction.id,
      parameters: toJson(parameters),
      inputName: fileName(files[0]!.source.name, command === 'restore' ? 'clip' : 'photo'),
      sources: files.map(({ role, source }) => ({ role, url: source.url })),
      now: new Date(now()),
      reply: { ...replyBy(interaction), isPrivate: wish.isPrivate, isSpoiler },
    });
    // Told twice of one interaction: whoever was first answers it.
    if (!created) return;
    const card = setTimeout(() => {
      cards.follow(id);
    }, patienceMs);
    let state: 'waiting' | 'asking';
    try {
      await acknowledgeFor(id, interaction, wish, context);
      await seeUser(db, { id: asker.id, locale: interaction.locale, now: new Date(now()) });
      const sources = new Map(files.map(({ role, source }) => [role, source]));
      state = await takeInRequest(request, sources, { limits, turns }, { ...context, modelsDir });
    } catch (error) {
      clearTimeout(card);
      if (await endIntake(id, error, context)) return;
      throw error;
    }
    clearTimeout(card);
    if (state === 'asking') return;
    queue.submitted(id);
    cards.follow(id);
  };
}

/** A question that is sure to come stands where the member alone sees it; the result then has a message of its own. */
async function acknowledgeFor(
  requestId: string,
  interaction: AskingInteraction,
  { parameters, isPrivate }: Wish,
  { db }: CommandContext,
): Promise<void> {
  const asksFirst = parameters.command === 'animate' && !isSaid(parameters.subject);
  const { messageId, ...answered } = await acknowledge(interaction, { isPrivate: isPrivate || asksFirst });
  if (asksFirst) await learnReply(db, requestId, { ...(messageId !== undefined && { questionId: messageId }) });
  else {
    const learnt = { isPrivate: answered.isPrivate, ...(messageId !== undefined && { messageId }) };
    await learnReply(db, requestId, learnt);
  }
}

/** Whether what was said of whose face it is leaves nothing to ask of the requester about it. */
function isSaid(subject: AnimateParameters['subject']): boolean {
  return subject !== undefined && (subject.kind !== 'member' || subject.memberId !== undefined);
}

/** Everything that needs no file. Rejects with a Refusal; gives the limits that hold. */
async function check(
  interaction: AskingInteraction,
  asker: Asker,
  wish: Wish,
  { db, logKey, limits: installation, mediaMaxBytes, now, consent }: CommandContext,
): Promise<Limits> {
  const { guildId } = asker;
  const { command } = wish.parameters;
  const settings = guildId === null ? undefined : await guildSettings(db, guildId);
  const [member, channelAge, openOfMember, waiting, room] = await Promise.all([
    memberFacts(asker, command, settings, { db, logKey }),
    channelAgeOf(interaction),
    countOpen(db, asker.id),
    countWaiting(db),
    mediaRoom(db, mediaMaxBytes),
  ]);
  const limits = limitsFor(installation, settings, asker.roles);
  const refusal = refuseAsking(
    {
      ...member,
      ageRestrictedOnly: settings?.ageRestrictedOnly ?? false,
      channelAge,
      // A private answer goes by the interaction's token, which needs no permission.
      lackingPermissions: wish.isPrivate ? [] : lackingPermissions(interaction),
      unfit: unfit(wish, { guildId, settings, consent }),
      openOfMember,
      waiting,
      room,
      claimed: wish.files.map(({ source }) => claimOf(source)),
    },
    limits,
  );
  if (refusal !== undefined) throw refusal;
  const tries = await takenInSince(
    db,
    namesOf(logKey, asker.id),
    new Date(now() - quotaWindowMs),
    limits.userTriesPerDay,
  );
  const tooMany = refuseTries(tries, limits);
  if (tooMany !== undefined) throw tooMany;
  const ask = quotaAsk({ userId: asker.id, guildId, seconds: 0 }, limits, now());
  refuseOverQuota(await checkQuota(db, ask), limits, { command, seconds: 0 });
  return limits;
}

const claimOf = ({ bytes = 0, contentType }: FileSource) => ({ bytes, contentType });

/** What the command itself has against it: files of the wrong kind, a face that may not be asked for. */
function unfit(
  { files, parameters, chosenMotion }: Wish,
  { guildId, settings, consent }: Parameters<typeof subjectFacts>[0],
): Refusal | undefined {
  const claim = (wanted: GivenRole) => {
    const source = files.find(({ role }) => role === wanted)?.source;
    return source && claimOf(source);
  };
  const input = claim('input')!;
  if (parameters.command === 'restore') return refuseClaimedClip(input);
  const { subject } = parameters;
  const facts = { ...subjectFacts({ guildId, settings, consent }), movesAFace: movesAFace(parameters) };
  return (
    (subject === undefined ? undefined : refuseSubject({ kind: subject.kind, ...facts })) ??
    refuseClaimedAnimation({ photo: input, driver: claim('driver'), speech: claim('speech'), motion: chosenMotion })
  );
}
