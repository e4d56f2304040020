/**
 * Remembers, in a small JSON file, which execution providers worked and which networks one of them could not take, so
 * that a start does not cost a child process per provider. Forgotten when the runtime, the drivers or the machine change,
 * and after a while in any case.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { arch, platform, release } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Verdict } from './provider-trial.ts';
import { type ExecutionProvider, executionProviders } from './session.ts';

const day = 24 * 60 * 60 * 1000;
/** A trial stands for a week: a driver can be mended in ways the key does not show. */
const trialLifetimeMs = 7 * day;
/** A network may have failed for want of memory that another program held: it gets another chance the next day. */
const unfitLifetimeMs = day;

const finding = z.object({ at: z.number(), reason: z.string().exactOptional(), slow: z.string().exactOptional() });
const content = z.object({
  key: z.string(),
  /** What the runtime offers on this platform. */
  offered: z.array(z.enum(executionProviders)).optional(),
  /** By provider; without a reason it worked. */
  trials: z.partialRecord(z.enum(executionProviders), finding),
  /** By network, then provider. */
  unfit: z.record(z.string(), z.partialRecord(z.enum(executionProviders), finding)),
});
type Content = z.infer<typeof content>;

/** What was found about one provider, and when (milliseconds since 1970). Without a reason it works. */
export interface Finding extends Verdict {
  readonly at: number;
}

export interface ProviderMemory {
  offered(): readonly ExecutionProvider[] | undefined;
  trial(provider: ExecutionProvider): Finding | undefined;
  /** Why this network cannot run there; undefined when nothing speaks against it. */
  unfit(model: string, provider: ExecutionProvider): Finding | undefined;
  rememberOffered(providers: readonly ExecutionProvider[]): Promise<void>;
  rememberTrial(provider: ExecutionProvider, verdict: Verdict): Promise<void>;
  rememberUnfit(model: string, provider: ExecutionProvider, reason: string): Promise<void>;
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => `${name}@${statSync(join(folder, name)).mtimeMs}`);
  } catch {
    return [];
  }
}

function firstLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n')[0] ?? '';
  } catch {
    return '';
  }
}

/** Whatever tells one set of graphics drivers from another without starting any of them. */
function driverHints(): string {
  return [
    release(),
    firstLine('/proc/driver/nvidia/version'),
    ...names('/dev/dri').map((name) => name.split('@')[0]),
    ...names('/usr/share/vulkan/icd.d'),
    ...names('/etc/vulkan/icd.d'),
  ].join(' ');
}

/** `hint` is what the caller knows of the drivers besides, such as the value of `VK_ICD_FILENAMES`. */
export function memoryKey(runtime: string, hint = ''): string {
  return [runtime, platform(), arch(), executionProviders.join(), driverHints(), hint].join(' | ');
}

async function load(file: string, key: string): Promise<Content | undefined> {
  try {
    const parsed = content.parse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.key === key ? parsed : undefined;
  } catch {
    // Absent, or written by another version: what it knew can be found out again.
    return undefined;
  }
}

/**
 * Opens the memory kept in `file`, or one that lasts as long as the process when there is none. A file that cannot be
 * written is no failure: the next start tries the providers again.
 */
export async function openProviderMemory(
  file: string | undefined,
  key: string,
  now: () => number = Date.now,
): Promise<ProviderMemory> {
  const known: Content = (file === undefined ? undefined : await load(file, key)) ?? { key, trials: {}, unfit: {} };
  let saving: Promise<void> = Promise.resolve();

  async function save(): Promise<void> {
    if (file === undefined) return;
    const partial = `${file}.${process.pid}.partial`;
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(partial, `${JSON.stringify(known, null, 2)}\n`);
      await rename(partial, file);
    } catch {
      await rm(partial, { force: true }).catch(() => undefined);
    }
  }

  function saved(): Promise<void> {
    saving = saving.then(save);
    return saving;
  }

  const fresh = (found: Finding | undefined, lifetime: number): Finding | undefined =>
    found !== undefined && now() - found.at < lifetime ? found : undefined;

  return {
    offered: () => known.offered,
    trial: (provider) => fresh(known.trials[provider], trialLifetimeMs),
    unfit: (model, provider) => fresh(known.unfit[model]?.[provider], unfitLifetimeMs),
    rememberOffered(providers) {
      known.offered = [...providers];
      return saved();
    },
    rememberTrial(provider, verdict) {
      known.trials[provider] = { at: now(), ...verdict };
      return saved();
    },
    rememberUnfit(model, provider, reason) {
      (known.unfit[model] ??= {})[provider] = { at: now(), reason };
      return saved();
    },
  };
}
