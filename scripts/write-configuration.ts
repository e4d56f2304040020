#!/usr/bin/env -S npx tsx
/** Writes docs/configuration.md from the settings of src/config.ts: `npm run docs`. A test holds the file to them. */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

import { settingGroups } from '../src/config.ts';

/** The whole page as it should stand. */
export function configurationPage(): string {
  const tables = settingGroups.map(({ title, settings }) =>
    [
      `## ${title}`,
      '',
      '| variable | meaning |',
      '| --- | --- |',
      ...settings.map(({ name, description }) => `| \`${name}\` | ${description} |`),
    ].join('\n'),
  );
  return `# Settings

Settings are environment variables; read at start, and \`lumiere doctor\` says whether they
work. An empty variable counts as not set. A file of them can be given to Node: \`node --env-file=.env dist/main.js\`.

This page is made of \`src/config.ts\` by \`npm run docs\`.

${tables.join('\n\n')}
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(new URL('../docs/configuration.md', import.meta.url), configurationPage());
}
