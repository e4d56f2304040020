import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { ConfigError, readConfig, settingDescriptions } from '../src/config.ts';

describe('settings', () => {
  it('have defaults that work without any', () => {
    expect(readConfig({})).toEqual({
      modelsDir: resolve(import.meta.dirname, '..', 'models', 'cache'),
      mirrorDir: undefined,
      providers: undefined,
      threads: undefined,
      language: undefined,
      debug: false,
      systemLanguages: [],
    });
  });

  it('are read as what they mean', () => {
    const config = readConfig({
      LUMIERE_MODELS_DIR: '~/weights',
      LUMIERE_MODELS_MIRROR: 'mirror',
      LUMIERE_PROVIDERS: 'CUDA, cpu',
      LUMIERE_THREADS: '3',
      LUMIERE_DEBUG: 'yes',
      LC_ALL: '',
      LANG: 'fr_FR.UTF-8',
    });
    expect(config).toMatchObject({
      modelsDir: join(homedir(), 'weights'),
      mirrorDir: resolve('mirror'),
      providers: ['cuda', 'cpu'],
      threads: 3,
      debug: true,
      systemLanguages: ['fr_FR.UTF-8'],
    });
  });

  it('count as not given when they are empty', () => {
    expect(readConfig({ LUMIERE_THREADS: '', LUMIERE_PROVIDERS: '' }).threads).toBeUndefined();
  });

  it.each([
    ['LUMIERE_THREADS', '0'],
    ['LUMIERE_THREADS', '2.5'],
    ['LUMIERE_PROVIDERS', 'cuda,abacus'],
  ])('are refused by name: %s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(ConfigError);
    expect(() => readConfig({ [name]: value })).toThrow(name);
  });

  it('stand in the README, word for word', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    for (const { name, description } of settingDescriptions) {
      expect(description).toContain('Default:');
      expect(readme).toContain(`| \`${name}\` | ${description} |`);
    }
  });
});
