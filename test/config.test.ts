import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

import { configurationPage } from '../scripts/write-configuration.ts';
import { ConfigError, readConfig, settingGroups } from '../src/config.ts';
import { defaultLimits } from '../src/policy/limits.ts';

describe('settings', () => {
  it('have defaults that work without any', () => {
    const checkout = resolve(import.meta.dirname, '..');
    expect(readConfig({})).toEqual({
      discordToken: undefined,
      label: 'Restored with Lumière',
      sourceAddress: undefined,
      dataDir: join(checkout, 'data'),
      certificate: undefined,
      databaseUrl: pathToFileURL(join(checkout, 'data', 'lumiere.db')).href,
      redisUrl: undefined,
      mediaKeys: [],
      mediaMaxBytes: 20 * 2 ** 30,
      modelsDir: join(checkout, 'models', 'cache'),
      mirrorDir: undefined,
      providers: undefined,
      threads: undefined,
      workerSlots: 1,
      limits: defaultLimits,
      consent: { answerMs: 86_400_000, outsidersAllowed: false },
      logDays: 90,
      guildDays: 7,
      privacyAddress: undefined,
      logLevel: 'info',
      metricsPort: undefined,
      metricsHost: '127.0.0.1',
      language: undefined,
      debug: false,
      discordApi: undefined,
      discordCdn: undefined,
      systemLanguages: [],
    });
  });

  it('take media keys in base64, in hexadecimal and from a file, and never repeat one that is no key', () => {
    const bytes = randomBytes(32);
    const folder = mkdtempSync(join(tmpdir(), 'lumiere-config-'));
    const inFile = join(folder, 'media.key');
    writeFileSync(inFile, `${bytes.toString('base64')}\n`);
    const given = [bytes.toString('base64'), bytes.toString('hex'), inFile].join(', ');
    expect(readConfig({ LUMIERE_MEDIA_KEY: given }).mediaKeys).toEqual(Array(3).fill(new Uint8Array(bytes)));
    writeFileSync(inFile, 'no key');
    for (const bad of ['abcd', bytes.toString('hex').slice(2), inFile, join(folder, 'nowhere')]) {
      const reading = (): unknown => readConfig({ LUMIERE_MEDIA_KEY: bad });
      expect(reading).toThrow(ConfigError);
      expect(reading).not.toThrow(bad);
    }
    rmSync(folder, { recursive: true });
  });

  it('are read as what they mean', () => {
    const config = readConfig({
      LUMIERE_MODELS_DIR: '~/weights',
      LUMIERE_MODELS_MIRROR: 'mirror',
      LUMIERE_PROVIDERS: 'CUDA, cpu',
      LUMIERE_THREADS: '3',
      LUMIERE_DEBUG: 'yes',
      LUMIERE_CLIP_SIZE: '8MiB',
      LUMIERE_USER_JOBS: '0',
      REDIS_URL: 'redis://127.0.0.1:6379/2',
      DATABASE_URL: 'postgresql://lumiere@localhost/lumiere',
      LC_ALL: '',
      LANG: 'fr_FR.UTF-8',
    });
    expect(config).toMatchObject({
      modelsDir: join(homedir(), 'weights'),
      mirrorDir: resolve('mirror'),
      providers: ['cuda', 'cpu'],
      threads: 3,
      debug: true,
      limits: { ...defaultLimits, maxInputBytes: 8 * 2 ** 20, userJobsPerDay: 0 },
      redisUrl: 'redis://127.0.0.1:6379/2',
      databaseUrl: 'postgresql://lumiere@localhost/lumiere',
      systemLanguages: ['fr_FR.UTF-8'],
    });
  });

  it('count as not given when they are empty', () => {
    expect(readConfig({ LUMIERE_THREADS: '', LUMIERE_PROVIDERS: '' }).threads).toBeUndefined();
  });

  it.each([
    ['LUMIERE_QUEUE_LENGTH', '5001'],
    ['LUMIERE_THREADS', '0'],
    ['LUMIERE_THREADS', '2.5'],
    ['LUMIERE_PROVIDERS', 'cuda,abacus'],
    ['LUMIERE_WORKER_SLOTS', '17'],
    ['LUMIERE_CLIP_SIZE', 'large'],
    ['REDIS_URL', 'localhost:6379'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['LUMIERE_LOG_LEVEL', 'loud'],
    ['LUMIERE_OUTSIDERS', '2'],
    ['LUMIERE_LANG', 'de'],
    ['LUMIERE_C2PA_KEY', 'key.pem'],
  ])('are refused by name: %s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(ConfigError);
    expect(() => readConfig({ [name]: value })).toThrow(name);
  });

  it.each([
    ['LUMIERE_PROVIDERS', 'abacus', 'some of tensorrt, cuda,'],
    ['LUMIERE_LOG_LEVEL', 'loud', 'one of fatal, error'],
    ['LUMIERE_LANG', 'de', 'en, fr or it'],
    ['LUMIERE_OUTSIDERS', '2', '1 turns it on, 0 turns it off'],
    ['LUMIERE_C2PA_KEY', 'key.pem', 'LUMIERE_C2PA_CERTIFICATE must be set with it'],
    ['LUMIERE_C2PA_CERTIFICATE', 'chain.pem', 'LUMIERE_C2PA_KEY must be set with it'],
    ['DATABASE_URL', 'mysql://x', 'begins with file:/ or postgresql://'],
  ])('are refused with what can be given: %s=%s', (name, value, words) => {
    expect(() => readConfig({ [name]: value })).toThrow(words);
  });

  it('are off with 0 and with no, and name a language as the system does', () => {
    for (const off of ['0', 'No', 'off'])
      expect(readConfig({ LUMIERE_OUTSIDERS: off }).consent.outsidersAllowed).toBe(false);
    expect(readConfig({ LUMIERE_LANG: 'fr_CA.UTF-8' }).language).toBe('fr_CA.UTF-8');
  });

  it('never repeats a value: it may be a secret', () => {
    const secret = 'redis-with-a-secret-password';
    expect(() => readConfig({ REDIS_URL: secret })).toThrow(/REDIS_URL/);
    expect(() => readConfig({ REDIS_URL: secret })).not.toThrow(new RegExp(secret));
  });

  it('stand in docs/configuration.md, word for word, each with its default', () => {
    const page = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');
    expect(page).toBe(configurationPage());
    for (const { description } of settingGroups.flatMap(({ settings }) => settings)) {
      expect(description).toContain('Default:');
    }
  });
});
