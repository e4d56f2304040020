/**
 * Which execution providers this machine has, found out by trying: a provider that is listed may lack its libraries or
 * its device (it then throws rather than falls back), and one that loads may compute wrongly or hand work to the CPU.
 */
import { createRequire } from 'node:module';
import { type Finding, memoryKey, openProviderMemory, type ProviderMemory } from './provider-memory.ts';
import { type ExecutionProvider, executionProviders } from './session.ts';
import { tryProvider, type Verdict } from './provider-trial.ts';
import { listOffered } from './trial.ts';

/** Version of the onnxruntime-node that is installed. */
export function runtimeVersion(): string {
  return (createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }).version;
}

export interface ProviderOptions {
  /**
   * Providers to try, in this order, slow ones too; every one that the runtime offers, fastest first, when left out, and
   * then one that turns out slower than the CPU is not used.
   */
  readonly providers?: readonly ExecutionProvider[];
  /** File that remembers what worked; nothing is remembered beyond this process when left out. */
  readonly memoryFile?: string;
  /** What else tells the drivers apart, such as `VK_ICD_FILENAMES`. */
  readonly driverHint?: string;
  /** Tries everything again, whatever is remembered. */
  readonly afresh?: boolean;
  readonly now?: () => number;
  /** How a provider is tried; tests plant verdicts here. */
  readonly tryProvider?: (provider: ExecutionProvider) => Promise<Verdict>;
}

/** The providers of this machine, tried only when asked about and only once. */
export interface Providers {
  /** Those that may be used, in the order to try them. The CPU is among them unless the operator's list leaves it out. */
  candidates(): Promise<readonly ExecutionProvider[]>;
  /** Without a reason the provider is to be used. The CPU always is. */
  trial(provider: ExecutionProvider): Promise<Finding>;
  readonly memory: Promise<ProviderMemory>;
}

/** What this process found out already, for callers that keep no file: trying again would give the same answer. */
const found = new Map<string, Promise<unknown>>();

export function findProviders(options: ProviderOptions = {}): Providers {
  const now = options.now ?? Date.now;
  const key = memoryKey(runtimeVersion(), options.driverHint);
  const memory = openProviderMemory(options.memoryFile, key, now);

  function once<Answer>(question: string, ask: () => Promise<Answer>): Promise<Answer> {
    const place = `${question} | ${key}`;
    const answer = (options.afresh === true ? undefined : found.get(place)) ?? ask();
    found.set(place, answer);
    return answer as Promise<Answer>;
  }

  async function listAll(): Promise<readonly ExecutionProvider[]> {
    const known = options.afresh === true ? undefined : (await memory).offered();
    if (known !== undefined) return known;
    const names = await once('offered', listOffered);
    const offered = executionProviders.filter((name) => names.includes(name));
    await (await memory).rememberOffered(offered);
    return offered;
  }

  async function findOut(provider: ExecutionProvider): Promise<Finding> {
    const known = options.afresh === true ? undefined : (await memory).trial(provider);
    if (known !== undefined) return known;
    const planted = options.tryProvider;
    const verdict = await (planted === undefined ? once(provider, () => tryProvider(provider)) : planted(provider));
    await (await memory).rememberTrial(provider, verdict);
    return { at: now(), ...verdict };
  }

  async function runTrial(provider: ExecutionProvider): Promise<Finding> {
    const { at, reason, slow } = await findOut(provider);
    const against = reason ?? (options.providers === undefined ? slow : undefined);
    return against === undefined ? { at } : { at, reason: against };
  }

  const trials = new Map<ExecutionProvider, Promise<Finding>>();
  let offered: Promise<readonly ExecutionProvider[]> | undefined;
  return {
    memory,
    candidates: () => (offered ??= options.providers === undefined ? listAll() : Promise.resolve(options.providers)),
    trial(provider) {
      if (provider === 'cpu') return Promise.resolve({ at: now() });
      const trial = trials.get(provider) ?? runTrial(provider);
      trials.set(provider, trial);
      return trial;
    },
  };
}
