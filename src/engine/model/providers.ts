/**
 * Which execution providers this machine has, found out by trying: a provider that is listed may lack its libraries or
 * its device (it then throws rather than falls back), and one that loads may compute wrongly or hand work to the CPU.
 */
import { createRequire } from 'node:module';
import { isWhole } from './placement.ts';
import { faultOfAnswer, makeProbe } from './probe.ts';
import { type Finding, memoryKey, openProviderMemory, type ProviderMemory } from './provider-memory.ts';
import { type ExecutionProvider, executionProviders } from './session.ts';
import { listOffered, tryNetwork } from './trial.ts';

/** Version of the onnxruntime-node that is installed. */
export function runtimeVersion(): string {
  return (createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }).version;
}

/** Loads and runs the probe there, in a process of its own. Returns why the provider is no good, or undefined. */
async function tryProvider(provider: ExecutionProvider): Promise<string | undefined> {
  const probe = makeProbe();
  try {
    const trial = await tryNetwork({ provider, threads: 1, source: probe.source, feeds: probe.feeds, runs: 1 });
    const strays = trial.placement.strays.map(({ op }) => op).join(', ');
    return (
      faultOfAnswer(probe, trial.outputs[probe.output]) ??
      (isWhole(trial.placement) ? undefined : `it leaves ${strays} to the CPU`)
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export interface ProviderOptions {
  /** Providers to try, in this order; every one that the runtime offers, fastest first, when left out. */
  readonly providers?: readonly ExecutionProvider[];
  /** File that remembers what worked; nothing is remembered beyond this process when left out. */
  readonly memoryFile?: string;
  /** What else tells the drivers apart, such as `VK_ICD_FILENAMES`. */
  readonly driverHint?: string;
  /** Tries everything again, whatever is remembered. */
  readonly afresh?: boolean;
  readonly now?: () => number;
  /** Says why a provider is no good, or undefined; tests plant answers here. */
  readonly tryProvider?: (provider: ExecutionProvider) => Promise<string | undefined>;
}

/** The providers of this machine, tried only when asked about and only once. */
export interface Providers {
  /** Those that may be used, in the order to try them. The CPU is among them unless the operator's list leaves it out. */
  candidates(): Promise<readonly ExecutionProvider[]>;
  /** Without a reason the provider works. The CPU always does. */
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

  async function runTrial(provider: ExecutionProvider): Promise<Finding> {
    const known = options.afresh === true ? undefined : (await memory).trial(provider);
    if (known !== undefined) return known;
    const planted = options.tryProvider;
    const reason = await (planted === undefined ? once(provider, () => tryProvider(provider)) : planted(provider));
    await (await memory).rememberTrial(provider, reason);
    return { at: now(), ...(reason === undefined ? {} : { reason }) };
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
