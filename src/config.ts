/**
 * The environment as one validated, typed object. Nothing else in `src` reads `process.env` (a lint rule holds that), so
 * this list is every setting there is: name, meaning, default. `npm run docs` writes it into docs/configuration.md.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';

import { parseByteSize } from './engine/media/byte-size.ts';
import { executionProviders } from './engine/model/session.ts';
import type { ConsentRules } from './policy/consent.ts';
import { defaultLimits, type Limits } from './policy/limits.ts';

/** Ports of /metrics and /healthz where no other is set. */
export const metricsPorts = { bot: 9464, worker: 9465 } as const;

const truthy = new Set(['1', 'true', 'yes', 'on']);
const falsy = new Set(['0', 'false', 'no', 'off']);

const text = () => z.string().min(1);
const folder = () => text().transform((path) => resolve(path.replace(/^~(?=$|[/\\])/, homedir())));
const file = folder;
const flag = () =>
  z
    .string()
    .transform((value) => value.toLowerCase())
    .refine((value) => truthy.has(value) || falsy.has(value), '1 turns it on, 0 turns it off')
    .transform((value) => truthy.has(value));
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `a whole number from ${least} to ${most}`);
const byteSize = () =>
  z.string().transform((value, context) => {
    const bytes = parseByteSize(value);
    if (bytes === undefined) context.addIssue('a size such as 100MiB, 8MB or 500000');
    return bytes ?? z.NEVER;
  });
const address = (...protocols: readonly string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `an address that begins with ${protocols.map(beginningOf).join(' or ')}`,
    );

const beginningOf = (protocol: string): string => (protocol === 'file:' ? 'file:/' : `${protocol}//`);

/** Keys of 32 bytes, as they are or in files. What was given is never repeated in an error. */
const mediaKeys = () =>
  z.string().transform((value, context) =>
    value.split(',').map((part) => {
      const key = mediaKey(part.trim());
      if (key === undefined)
        context.addIssue('32 bytes in base64 or hexadecimal, or the path of a file that holds them');
      return key ?? z.NEVER;
    }),
  );

function mediaKey(text: string): Uint8Array | undefined {
  const given = keyBytes(text);
  if (given !== undefined) return given;
  try {
    return keyBytes(readFileSync(text, 'utf8').trim());
  } catch {
    return undefined;
  }
}

function keyBytes(text: string): Uint8Array | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return new Uint8Array(Buffer.from(text, 'hex'));
  return /^[A-Za-z0-9+/]{43}=$/.test(text) ? new Uint8Array(Buffer.from(text, 'base64')) : undefined;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;

/** Settings by what they are about: the variable's name is its key. */
const groups = {
  Discord: {
    DISCORD_TOKEN: text().describe(
      "The bot's token, from Discord's developer portal. Needed by the bot, not by the command line. Default: none.",
    ),
    LUMIERE_LABEL: z
      .string()
      .max(60, 'at most 60 characters')
      .describe(
        'Line in a corner of every frame that the bot restores, so that nobody takes it for a source (the command line has --label). Default: Restored with Lumière.',
      ),
    LUMIERE_SOURCE_ADDRESS: address('https:', 'http:').describe(
      'Where members find the source code that runs here; shown by /about. Default: none.',
    ),
  },
  'Where things are kept': {
    LUMIERE_DATA_DIR: folder().describe(
      'Folder of the database, the media store and the queue. Default: data in the checkout.',
    ),
    DATABASE_URL: address('file:', 'postgresql:', 'postgres:').describe(
      'SQLite (`file:/path/lumiere.db`) or PostgreSQL (`postgresql://user:password@host/name`). Default: lumiere.db in the data folder.',
    ),
    REDIS_URL: address('redis:', 'rediss:', 'unix:').describe(
      'The Redis of the queue; several machines share one. Default: none, the bot starts redis-server on a socket in the data folder.',
    ),
    LUMIERE_C2PA_CERTIFICATE: file().describe(
      'PEM file of the certificate that signs the manifests of results, its own first, then those that lead to the authority (see docs/provenance.md). Default: none, the installation makes one, which readers show as untrusted, self-signed.',
    ),
    LUMIERE_C2PA_KEY: file().describe(
      'PEM file of the private key of that certificate: ECDSA, RSA or Ed25519, without a password. Default: none.',
    ),
    LUMIERE_MEDIA_KEY: mediaKeys().describe(
      'Key under which clips, photographs and results are encrypted on disk: 32 bytes in base64 or as 64 hexadecimal digits (`openssl rand -base64 32`), or the path of a file that holds it. Several, separated by commas: the first encrypts, all decrypt. The bot and every worker need the same. Default: none, nothing is encrypted.',
    ),
    LUMIERE_MEDIA_MAX: byteSize().describe('How large the media store may grow before old results go. Default: 20GiB.'),
  },
  'Networks and devices': {
    LUMIERE_MODELS_DIR: folder().describe(
      'Folder where downloaded and converted weights are kept. Default: models/cache in the checkout.',
    ),
    LUMIERE_MODELS_MIRROR: folder().describe(
      'Folder that holds the weight files already, for machines without a network. Default: none.',
    ),
    LUMIERE_PROVIDERS: z
      .string()
      .transform((names) => names.split(',').map((name) => name.trim().toLowerCase()))
      .pipe(z.array(z.enum(executionProviders, `some of ${executionProviders.join(', ')}, separated by commas`)).min(1))
      .describe(
        `Execution providers to try, in this order, separated by commas (${executionProviders.join(', ')}). Default: all, fastest first.`,
      ),
    LUMIERE_THREADS: whole(1, 999).describe('Processor threads a network may use. Default: one per physical core.'),
    LUMIERE_WORKER_SLOTS: whole(1, 16).describe(
      'Clips a worker restores at the same time. More than one only pays on a device that a single clip does not fill. Default: 1.',
    ),
  },
  'What members may ask': {
    LUMIERE_USER_JOBS: whole(0, 100_000).describe(
      `Requests of one member in 24 hours. Default: ${defaultLimits.userJobsPerDay}.`,
    ),
    LUMIERE_USER_SECONDS: whole(0, 10_000_000).describe(
      `Seconds of computing for one member in 24 hours. Default: ${defaultLimits.userComputeSecondsPerDay}.`,
    ),
    LUMIERE_GUILD_JOBS: whole(0, 1_000_000).describe(
      `Requests from one server in 24 hours. Default: ${defaultLimits.guildJobsPerDay}.`,
    ),
    LUMIERE_GUILD_SECONDS: whole(0, 100_000_000).describe(
      `Seconds of computing for one server in 24 hours. Default: ${defaultLimits.guildComputeSecondsPerDay}.`,
    ),
    LUMIERE_USER_TRIES: whole(1, 1_000_000).describe(
      `Requests of one member in 24 hours that are taken in at all, refused and cancelled ones included. Default: ${defaultLimits.userTriesPerDay}.`,
    ),
    LUMIERE_AGE_RESTRICTED: flag().describe(
      'Whether photographs may be animated in age-restricted channels. What looks sexual is not animated there either. 1 turns it on. Default: 0.',
    ),
    LUMIERE_CLIP_SECONDS: whole(1, 86_400).describe(
      `Longest clip that is taken, in seconds. Default: ${defaultLimits.maxClipSeconds}.`,
    ),
    LUMIERE_CLIP_SIZE: byteSize().describe('Largest file that is fetched. Default: 100MiB.'),
    // The bot works out everybody's place each second on its one thread, at a cost that grows faster than the length.
    LUMIERE_QUEUE_LENGTH: whole(1, 5000).describe(
      `Requests of everybody that may wait, 5000 at most. Default: ${defaultLimits.maxWaiting}.`,
    ),
    LUMIERE_USER_OPEN: whole(1, 1000).describe(
      `Requests of one member that may wait or run. Default: ${defaultLimits.maxOpenPerUser}.`,
    ),
    LUMIERE_USER_RUNNING: whole(1, 100).describe(
      `Requests of one member that run at the same time. Default: ${defaultLimits.runningPerUser}.`,
    ),
    LUMIERE_RESULT_HOURS: whole(1, 8760).describe(
      `Hours for which a result can be had again. Default: ${defaultLimits.resultRetentionHours}.`,
    ),
    LUMIERE_ANSWER_HOURS: whole(1, 720).describe(
      'Hours in which somebody who is asked for a consent may answer; silence is a no. Default: 24.',
    ),
    LUMIERE_OUTSIDERS: flag().describe(
      'With 1, the faces of people who are not on Discord may be animated where a moderator of the server approves each request. Read docs/consent.md before turning it on. Default: refused.',
    ),
  },
  Privacy: {
    LUMIERE_LOG_DAYS: whole(1, 3650).describe(
      'Days after which rows of the usage log go, with all that belongs to them; a server may shorten it with /settings. Default: 90.',
    ),
    LUMIERE_GUILD_DAYS: whole(0, 365).describe(
      'Days after which everything of a server goes that the bot was removed from, unless it comes back. Default: 7.',
    ),
    LUMIERE_PRIVACY_ADDRESS: address('https:', 'http:').describe(
      'Where your privacy policy can be read; shown by /privacy policy. docs/privacy-policy.md is a template. Default: none.',
    ),
  },
  'Watching it': {
    LUMIERE_LOG_LEVEL: z
      .enum(logLevels, `one of ${logLevels.join(', ')}`)
      .describe('What is logged: fatal, error, warn, info, debug or silent. Default: info.'),
    LUMIERE_METRICS_PORT: whole(0, 65_534).describe(
      `Port of /metrics (Prometheus) and /healthz; 0 turns them off. A worker that the bot starts (\`npm start\`) has the one after it. Default: ${metricsPorts.bot} for the bot, ${metricsPorts.worker} for a worker.`,
    ),
    LUMIERE_METRICS_HOST: text().describe(
      'Address they listen on. Whoever reaches it sees how much is asked, not by whom. Default: 127.0.0.1.',
    ),
    LUMIERE_LANG: z
      .string()
      .regex(/^(en|fr|it)([-_.@].*)?$/i, 'en, fr or it')
      .describe(
        "Language of the command line's sentences: en, fr or it; help, and what it says of an option that it does not understand, are in English. Default: that of LC_ALL, LC_MESSAGES or LANG, else en.",
      ),
    LUMIERE_DEBUG: flag().describe(
      '1 prints the full report of an unexpected fault to the terminal instead of writing it to a file. Default: 0.',
    ),
  },
  'For tests against a Discord of one’s own': {
    LUMIERE_DISCORD_API: address('http:', 'https:').describe("Address of the REST API. Default: Discord's."),
    LUMIERE_DISCORD_CDN: address('http:', 'https:').describe(
      "Address of the CDN, from which clips may then be fetched without TLS. Default: Discord's.",
    ),
  },
} as const;

type Settings = (typeof groups)[keyof typeof groups];
type SettingName = Settings extends infer Group ? (Group extends unknown ? keyof Group : never) : never;

/** Name and meaning of each setting by group, in order, for the documentation and `--help`. */
export const settingGroups: readonly {
  readonly title: string;
  readonly settings: readonly { readonly name: string; readonly description: string }[];
}[] = Object.entries(groups).map(([title, settings]) => ({
  title,
  settings: Object.entries<z.ZodType>(settings).map(([name, schema]) => ({
    name,
    description: schema.description ?? '',
  })),
}));

const schema = z.object({
  ...optional(groups.Discord),
  ...optional(groups['Where things are kept']),
  ...optional(groups['Networks and devices']),
  ...optional(groups['What members may ask']),
  ...optional(groups.Privacy),
  ...optional(groups['Watching it']),
  ...optional(groups['For tests against a Discord of one’s own']),
});

function optional<Group extends Record<string, z.ZodType>>(
  group: Group,
): { [Name in keyof Group]: z.ZodOptional<Group[Name]> } {
  return Object.fromEntries(Object.entries(group).map(([name, setting]) => [name, setting.optional()])) as {
    [Name in keyof Group]: z.ZodOptional<Group[Name]>;
  };
}

export type LogLevel = z.output<(typeof groups)['Watching it']['LUMIERE_LOG_LEVEL']>;

export interface Config {
  readonly discordToken: string | undefined;
  readonly label: string;
  readonly sourceAddress: string | undefined;
  readonly dataDir: string;
  /** Paths of the operator's certificate and its key. Absent: one that the installation makes. */
  readonly certificate: { readonly certificate: string; readonly key: string } | undefined;
  readonly databaseUrl: string;
  /** Absent: a redis-server of our own. */
  readonly redisUrl: string | undefined;
  /** 32 bytes each, the first to encrypt with; none: media are not encrypted. */
  readonly mediaKeys: readonly Uint8Array[];
  readonly mediaMaxBytes: number;
  readonly modelsDir: string;
  readonly mirrorDir: string | undefined;
  readonly providers: z.output<(typeof groups)['Networks and devices']['LUMIERE_PROVIDERS']> | undefined;
  readonly threads: number | undefined;
  readonly workerSlots: number;
  readonly limits: Limits;
  readonly consent: ConsentRules;
  readonly logDays: number;
  readonly guildDays: number;
  readonly privacyAddress: string | undefined;
  readonly logLevel: LogLevel;
  /** Absent: the role's own. */
  readonly metricsPort: number | undefined;
  readonly metricsHost: string;
  readonly language: string | undefined;
  readonly debug: boolean;
  readonly discordApi: string | undefined;
  readonly discordCdn: string | undefined;
  /** What the system says about the person's language, best first (`fr_FR.UTF-8`); a hint, never an error. */
  readonly systemLanguages: readonly string[];
}

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

const checkout = join(import.meta.dirname, '..');

/**
 * Reads and checks the settings. An empty variable counts as not set.
 * Throws a ConfigError that names the first setting that cannot be used; the value itself is never repeated, it may be a secret.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new ConfigError(String(issue?.path[0] ?? 'environment'), issue?.message ?? 'not valid');
  }
  const set = result.data satisfies Partial<Record<SettingName, unknown>>;
  const dataDir = set.LUMIERE_DATA_DIR ?? join(checkout, 'data');
  return {
    discordToken: set.DISCORD_TOKEN,
    label: set.LUMIERE_LABEL ?? 'Restored with Lumière',
    sourceAddress: set.LUMIERE_SOURCE_ADDRESS,
    dataDir,
    certificate: pairOf(set.LUMIERE_C2PA_CERTIFICATE, set.LUMIERE_C2PA_KEY),
    databaseUrl: set.DATABASE_URL ?? pathToFileURL(join(dataDir, 'lumiere.db')).href,
    redisUrl: set.REDIS_URL,
    mediaKeys: set.LUMIERE_MEDIA_KEY ?? [],
    mediaMaxBytes: set.LUMIERE_MEDIA_MAX ?? 20 * 2 ** 30,
    modelsDir: set.LUMIERE_MODELS_DIR ?? join(checkout, 'models', 'cache'),
    mirrorDir: set.LUMIERE_MODELS_MIRROR,
    providers: set.LUMIERE_PROVIDERS,
    threads: set.LUMIERE_THREADS,
    workerSlots: set.LUMIERE_WORKER_SLOTS ?? 1,
    limits: {
      userJobsPerDay: set.LUMIERE_USER_JOBS ?? defaultLimits.userJobsPerDay,
      userComputeSecondsPerDay: set.LUMIERE_USER_SECONDS ?? defaultLimits.userComputeSecondsPerDay,
      guildJobsPerDay: set.LUMIERE_GUILD_JOBS ?? defaultLimits.guildJobsPerDay,
      guildComputeSecondsPerDay: set.LUMIERE_GUILD_SECONDS ?? defaultLimits.guildComputeSecondsPerDay,
      userTriesPerDay: set.LUMIERE_USER_TRIES ?? defaultLimits.userTriesPerDay,
      ageRestrictedChannels: set.LUMIERE_AGE_RESTRICTED ?? defaultLimits.ageRestrictedChannels,
      maxClipSeconds: set.LUMIERE_CLIP_SECONDS ?? defaultLimits.maxClipSeconds,
      maxInputBytes: set.LUMIERE_CLIP_SIZE ?? defaultLimits.maxInputBytes,
      maxWaiting: set.LUMIERE_QUEUE_LENGTH ?? defaultLimits.maxWaiting,
      maxOpenPerUser: set.LUMIERE_USER_OPEN ?? defaultLimits.maxOpenPerUser,
      runningPerUser: set.LUMIERE_USER_RUNNING ?? defaultLimits.runningPerUser,
      resultRetentionHours: set.LUMIERE_RESULT_HOURS ?? defaultLimits.resultRetentionHours,
    },
    consent: {
      answerMs: (set.LUMIERE_ANSWER_HOURS ?? 24) * 3_600_000,
      outsidersAllowed: set.LUMIERE_OUTSIDERS ?? false,
    },
    logDays: set.LUMIERE_LOG_DAYS ?? 90,
    guildDays: set.LUMIERE_GUILD_DAYS ?? 7,
    privacyAddress: set.LUMIERE_PRIVACY_ADDRESS,
    logLevel: set.LUMIERE_LOG_LEVEL ?? 'info',
    metricsPort: set.LUMIERE_METRICS_PORT,
    metricsHost: set.LUMIERE_METRICS_HOST ?? '127.0.0.1',
    language: set.LUMIERE_LANG,
    debug: set.LUMIERE_DEBUG ?? false,
    discordApi: set.LUMIERE_DISCORD_API,
    discordCdn: set.LUMIERE_DISCORD_CDN,
    systemLanguages: [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].filter((value): value is string =>
      Boolean(value),
    ),
  };
}

function pairOf(certificate: string | undefined, key: string | undefined): Config['certificate'] {
  if (certificate !== undefined && key !== undefined) return { certificate, key };
  if (certificate !== undefined)
    throw new ConfigError('LUMIERE_C2PA_CERTIFICATE', 'LUMIERE_C2PA_KEY must be set with it, or neither');
  if (key !== undefined)
    throw new ConfigError('LUMIERE_C2PA_KEY', 'LUMIERE_C2PA_CERTIFICATE must be set with it, or neither');
  return undefined;
}
