/**
 * A request from its row to the queue: its files are fetched, looked at, and admitted, or its member is asked something first.
 * Every step can be done again by another process: what has been fetched, found and said stands in the store.
 *
 *   received -> files fetched -> (a photograph looked at -> asking -> answered -> asking whose face it is) -> quota reserved
 *            -> waiting
 */
import type { REST } from 'discord.js';
import type { BotServices } from '../discord/command.ts';
import type { Limits } from '../policy/limits.ts';
import { type Findings, readFindings } from '../queue/findings.ts';
import { animateParameters, restoreParameters } from '../queue/job.ts';
import { type GivenRole, givenRoles, rolesOf } from '../queue/request-files.ts';
import type { TakenIn, WholeRequest } from '../store/member-requests.ts';
import { MediaMissing } from '../store/media-store.ts';
import { IllegalTransition } from '../store/request-states.ts';
import type { Request } from '../store/rows.ts';
import { admitAnimation, admitClip, refuseAnimation } from './admit.ts';
import { openQuestion } from './animate-question.ts';
import { askMember } from './ask-member.ts';
import { agreementFor, tellOfUse } from './consent-asking.ts';
import { type FetchedFile, fetchFile, type FetchServices } from './fetch-file.ts';
import type { FileSource } from './message-files.ts';
import { refuseNamedFace } from './refuse-named.ts';
import { refuseBlockedPicture } from './refuse-picture.ts';
import type { Turns } from './turns.ts';

export type TakeInServices = FetchServices &
  Pick<BotServices, 'now' | 'logKey' | 'cards' | 'consent' | 'client' | 'log'> & {
    /** Asks members: a file goes with the question. */
    readonly deliveryRest: REST;
    readonly modelsDir: string;
  };

/** What is known of a request by its row. */
export type Taken = Pick<Request, 'id' | 'command' | 'requesterId' | 'guildId'> & {
  readonly parameters: unknown;
  readonly findings: unknown;
};

/** A file that is there already, or where it is to be fetched from. */
export type FileAt = { readonly kept: FetchedFile } | Pick<FileSource, 'url' | 'bytes' | 'contentType'>;
export type Files = ReadonlyMap<GivenRole, FileAt>;

export interface TakingIn {
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
  /** Whose turn it is to fetch; a look at a photograph is the workers' and waits for them outside of it. */
  readonly turns?: Turns | undefined;
}

/**
 * Resolves to what became of it. Rejects with a Refusal, a DownloadError, a LumiereError of the files, a QueueProblem,
 * MediaMissing, or IllegalTransition when it was stopped meanwhile.
 */
export async function takeInRequest(
  request: Taken,
  files: Files,
  { limits, signal, turns = (work) => work() }: TakingIn,
  services: TakeInServices,
): Promise<'waiting' | 'asking'> {
  const { id, command } = request;
  const input = await turns(async () => {
    const fetched = new Map<GivenRole, FetchedFile>();
    for (const role of rolesOf(request)) {
      const file = files.get(role);
      if (file === undefined) throw new MediaMissing(`${role} of an intake`);
      const wish = { maxBytes: limits.maxInputBytes, signal };
      fetched.set(role, 'kept' in file ? file.kept : await fetchFile({ requestId: id, role }, file, wish, services));
    }
    const clip = fetched.get('input')!;
    if (command === 'restore') {
      await admitClip(request, restoreParameters.parse(request.parameters), clip, limits, services);
    }
    return clip;
  });
  if (command === 'restore') return 'waiting';
  const findings = await findingsOf(request, signal, services);
  await refuseBlockedPicture(request, findings.likeness ?? '', services);
  const parameters = animateParameters.parse(request.parameters);
  if (openQuestion(parameters, findings) !== undefined) {
    await askMember(request, services);
    return 'asking';
  }
  await refuseAnimation(request, parameters, findings, limits, services);
  await refuseNamedFace(request, parameters, { sha256: input.sha256, findings }, services);
  const agreement = await agreementFor(id, parameters, input.sha256, services);
  if (agreement === 'asked') return 'asking';
  const found = { input, findings, consentId: agreement?.consentId };
  await admitAnimation(request, parameters, found, limits, services);
  if (agreement !== undefined) await tellOfUse(id, agreement.consentId, services);
  return 'waiting';
}

/** What a look found. Nobody waits for one when the request is stopped, or with `signal` this process. */
async function findingsOf(
  { id, findings }: Taken,
  signal: AbortSignal | undefined,
  { db, queue }: TakeInServices,
): Promise<Findings> {
  const known = readFindings(findings);
  if (known !== undefined) return known;
  signal?.throwIfAborted();
  const over = new AbortController();
  const ended = new Promise<never>((_, reject) => {
    const stopped = queue.onEnded((other) => {
      if (other === id) reject(new IllegalTransition(id, 'cancelled', 'asking'));
    });
    const giveUp = (): void => {
      reject(new DOMException('this process ends', 'AbortError'));
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    over.signal.addEventListener('abort', () => {
      stopped();
      signal?.removeEventListener('abort', giveUp);
    });
  });
  try {
    const found = await Promise.race([queue.look(id), ended]);
    await db.request.update({ where: { id }, data: { findings: found } });
    return found;
  } finally {
    over.abort();
  }
}

/** What of a request's files is kept, and where the others are, as its rows say. */
export function filesOfRow({
  media,
  sources = [],
}: Pick<WholeRequest, 'media'> & Partial<Pick<TakenIn, 'sources'>>): Files {
  return new Map(
    givenRoles.flatMap((role): [GivenRole, FileAt][] => {
      const there = media.find((file) => file.role === role);
      if (there !== undefined) return [[role, { kept: { sha256: there.sha256, bytes: Number(there.object.bytes) } }]];
      const source = sources.find((one) => one.role === role);
      return source === undefined ? [] : [[role, { url: source.url }]];
    }),
  );
}
