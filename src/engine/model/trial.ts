/** Tries a network on an execution provider in a child process: its outputs, its placement, its times, or why it failed. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Placement, readPlacement } from './placement.ts';
import { type SentSource, toSent } from './session-protocol.ts';
import type { ExecutionProvider, ModelSource, Tensors } from './session.ts';

export interface TrialOf<Source> {
  readonly provider: ExecutionProvider;
  readonly threads: number;
  readonly source: Source;
  readonly feeds: Tensors;
  /** Runs with the same inputs: the first of a GPU provider compiles its shaders. */
  readonly runs: number;
}

interface Attempt {
  readonly outputs: Tensors;
  readonly openMs: number;
  readonly runMs: readonly number[];
}

export interface TrialRequest extends TrialOf<SentSource> {
  readonly kind: 'try';
}

export interface ListRequest {
  readonly kind: 'list';
}

/** What the child process answers. */
export type TrialReply =
  | (Attempt & { readonly kind: 'tried'; readonly profile: string })
  | { readonly kind: 'offered'; readonly backends: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string };

export interface Trial extends Attempt {
  readonly placement: Placement;
}

export interface TrialOptions {
  /** Longest a driver may take to start, compile and run; 60 s when left out, for a trial is of tiny pictures. */
  readonly timeoutMs?: number;
  /** Module of the child process; tests plant bad drivers here. */
  readonly entry?: URL;
}

/** The provider gave no answer in time. */
export class TrialTimeout extends Error {
  override readonly name = 'TrialTimeout';
}

function startProcess(module: URL | undefined) {
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = module ?? new URL(fromSource ? './trial-process.ts' : './trial-process.js', import.meta.url);
  return fork(fileURLToPath(entry), {
    execArgv: fromSource ? ['--import', import.meta.resolve('tsx')] : [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

async function ask<Kind extends TrialReply['kind']>(
  request: TrialRequest | ListRequest,
  kind: Kind,
  { timeoutMs = 60_000, entry }: TrialOptions,
): Promise<Extract<TrialReply, { kind: Kind }>> {
  const child = startProcess(entry);
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-400)));
  let timer: NodeJS.Timeout | undefined;
  try {
    const reply = await new Promise<TrialReply>((resolve, reject) => {
      child.once('message', resolve);
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const last = complaint.trim().split('\n').at(-1) ?? '';
        reject(new Error(`the provider ended its process (${signal ?? `code ${code}`}) ${last}`.trim()));
      });
      timer = setTimeout(() => {
        reject(new TrialTimeout(`no answer within ${timeoutMs / 1000} s`));
      }, timeoutMs);
      child.send(request, (error) => {
        if (error !== null) reject(error);
      });
    });
    if (reply.kind === 'failed') throw new Error(reply.reason);
    if (reply.kind !== kind) throw new Error(`expected a reply ${kind} but received ${reply.kind}`);
    return reply as Extract<TrialReply, { kind: Kind }>;
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}

/**
 * Throws an Error with the provider's own reason: it is missing, it refused the network, it crashed (the end of what it
 * wrote to standard error is in the message), or it took more than `timeoutMs`.
 */
export async function tryNetwork(request: TrialOf<ModelSource>, options: TrialOptions = {}): Promise<Trial> {
  const { profile, ...attempt } = await ask(
    { ...request, kind: 'try', source: toSent(request.source) },
    'tried',
    options,
  );
  return { ...attempt, placement: readPlacement(profile, request.provider) };
}

/** The names of the providers that the installed runtime was built with; whether they work is another question. */
export async function listOffered(): Promise<readonly string[]> {
  return (await ask({ kind: 'list' }, 'offered', {})).backends;
}
