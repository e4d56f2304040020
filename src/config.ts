/**
 * The environment as one validated, typed object. Nothing else in `src` reads `process.env` (a lint rule holds that), so
 * this list is every setting there is: name, meaning, default.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';

import { executionProviders } from './engine/model/session.ts';

const truthy = new Set(['1', 'true', 'yes', 'on']);

/** One setting: the variable's name is its key in `settings`. */
const settings = {
  LUMIERE_MODELS_DIR: z
    .string()
    .min(1)
    .transform((folder) => resolve(folder.replace(/^~(?=$|[/\\])/, homedir())))
    .optional()
    .describe('Folder where downloaded and converted weights are kept. Default: models/cache in the checkout.'),
  LUMIERE_MODELS_MIRROR: z
    .string()
    .min(1)
    .transform((folder) => resolve(folder.replace(/^~(?=$|[/\\])/, homedir())))
    .optional()
    .describe('Folder that holds the weight files already, for machines without a network. Default: none.'),
  LUMIERE_PROVIDERS: z
    .string()
    .transform((list) => list.split(',').map((name) => name.trim().toLowerCase()))
    .pipe(z.array(z.enum(executionProviders)).min(1))
    .optional()
    .describe(
      `Execution providers to try, in this order, separated by commas (${executionProviders.join(', ')}). Default: all, fastest first.`,
    ),
  LUMIERE_THREADS: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, 'a whole number from 1 to 999')
    .transform(Number)
    .optional()
    .describe('Processor threads a network may use. Default: one per physical core.'),
  LUMIERE_LANG: z
    .string()
    .min(2)
    .optional()
    .describe('Language of the sentences: en, fr or it. Default: that of LC_ALL, LC_MESSAGES or LANG, else en.'),
  LUMIERE_DEBUG: z
    .string()
    .transform((value) => truthy.has(value.toLowerCase()))
    .optional()
    .describe(
      '1 prints the full report of an unexpected fault to the terminal instead of writing it to a file. Default: 0.',
    ),
} as const;

/** Name, meaning and default of each setting, for the documentation and `--help`. */
export const settingDescriptions: readonly { readonly name: string; readonly description: string }[] = Object.entries(
  settings,
).map(([name, schema]) => ({ name, description: schema.description ?? '' }));

const schema = z.object(settings).transform((env) => ({
  modelsDir: env.LUMIERE_MODELS_DIR ?? join(import.meta.dirname, '..', 'models', 'cache'),
  mirrorDir: env.LUMIERE_MODELS_MIRROR,
  providers: env.LUMIERE_PROVIDERS,
  threads: env.LUMIERE_THREADS,
  language: env.LUMIERE_LANG,
  debug: env.LUMIERE_DEBUG ?? false,
}));

export type Config = z.output<typeof schema> & {
  /** What the system says about the person's language, best first (`fr_FR.UTF-8`); a hint, never an error. */
  readonly systemLanguages: readonly string[];
};

/** A setting that cannot be used: which one, and what was expected of it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly setting: string;
  readonly expected: string;

  constructor(setting: string, expected: string) {
    super(`${setting}: ${expected}`);
    this.setting = setting;
    this.expected = expected;
  }
}

/**
 * Reads and checks the settings. An empty variable counts as not set.
 * Throws a ConfigError that names the first setting that cannot be used.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new ConfigError(String(issue?.path[0] ?? 'environment'), issue?.message ?? 'not valid');
  }
  const systemLanguages = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].filter((value): value is string =>
    Boolean(value),
  );
  return { ...result.data, systemLanguages };
}
