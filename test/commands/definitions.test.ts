/** The commands as Discord takes them and as members are offered them, in each language. */
import { afterAll, beforeAll, expect, it } from 'vitest';

import { readSentences } from '../../src/locale.ts';
import { commandCharacters, type CommandDefinition } from '../fakes/discord/rules/commands.ts';
import { type Bench, startBench } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

it('are taken by Discord as they are', () => {
  expect(bench.discord.journal.requests('bulk_set_application_commands')).toHaveLength(1);
  expect(bench.discord.journal.refused()).toEqual([]);
});

it.each([
  [
    'alice',
    [
      'restore',
      'Restore this clip',
      'animate',
      'Animate this photo',
      'consent',
      'queue',
      'cancel',
      'result',
      'verify',
      'Was this made here?',
      'privacy',
      'help',
      'about',
      'Report this result',
    ],
    'Restore an old clip: cleaned, enlarged and made smooth',
  ],
  [
    'bernard',
    [
      'restaurer',
      'Restaurer ce clip',
      'animer',
      'Animer cette photo',
      'consentement',
      'file',
      'annuler',
      'résultat',
      'vérifier',
      'Créé ici ?',
      'confidentialité',
      'aide',
      'à-propos',
      'Signaler ce résultat',
    ],
    'Restaurer un vieux clip : nettoyé, agrandi et rendu fluide',
  ],
  [
    'carla',
    [
      'restaura',
      'Restaura questo filmato',
      'anima',
      'Anima questa foto',
      'consenso',
      'coda',
      'annulla',
      'risultato',
      'verifica',
      'Creato qui?',
      'privacy',
      'aiuto',
      'informazioni',
      'Segnala questo risultato',
    ],
    'Restaura un vecchio filmato: pulito, ingrandito e reso fluido',
  ],
] as const)('%s is offered them in their language, in guilds and in direct messages', (name, names, description) => {
  const member = bench[name];
  const offered = member.commandsOffered();
  expect(offered.map((command) => command.name)).toEqual(names);
  expect(offered[0]?.description).toBe(description);
  expect(member.goTo('direct messages').commandsOffered()).toEqual(offered);
  member.goTo(bench.guild.channel('screening'));
});

it('say everything in every language: options and choices too, and no sentence is left over', () => {
  const definitions = bench.discord.commands.list(undefined).map(({ definition }) => definition);
  const english = readSentences('en');
  const written = Object.keys(english).filter((key) => key.startsWith('command.'));
  const told: string[] = [];
  const look = (part: unknown): void => {
    if (Array.isArray(part)) {
      part.forEach(look);
    } else if (part !== null && typeof part === 'object') {
      const { name_localizations: names, description_localizations: descriptions } = part as CommandDefinition;
      for (const texts of [names, descriptions]) {
        if (texts === undefined || texts === null) continue;
        expect(Object.keys(texts).sort()).toEqual(['en-GB', 'en-US', 'fr', 'it']);
        told.push(texts['en-US']!);
      }
      Object.values(part).forEach(look);
    }
  };
  look(definitions);
  // The rates stand in what is offered while one types.
  const ofRates = written.filter((key) => /\.fps\.(choice|rate)/.test(key));
  const asked = written.filter((key) => !ofRates.includes(key)).map((key) => english[key]!);
  // Subcommands share options.
  expect([...new Set(told)].sort()).toEqual([...new Set(asked)].sort());
});

it('are far from the most that Discord takes', () => {
  const sizes = bench.discord.commands.list(undefined).map(({ definition }) => commandCharacters(definition));
  expect(Math.max(...sizes)).toBeLessThan(4000);
});
