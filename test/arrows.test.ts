/**
 * The arrows of ARCHITECTURE.md are held by tools; this plants imports that break them, and clean ones beside, and looks
 * whether the tools see the difference.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { scratchFolder } from './clips.ts';

const root = join(import.meta.dirname, '..');

/** What each planted file imports, and the rule that this breaks, if any, without what it does allow. Paths under src. */
const plants: readonly (readonly [from: string, to: string, rule: string | undefined])[] = [
  ['engine/restore/a.ts', 'store/quota.ts', 'engine-imports-only'],
  ['engine/b.ts', 'config.ts', 'engine-imports-only'],
  ['engine/media/c.ts', 'cli/run.ts', 'engine-imports-only'],
  ['engine/restore/d.ts', 'engine/media/probe.ts', undefined],
  ['engine/provenance/e.ts', 'engine/animate/prepare.ts', 'engine/provenance-imports-only'],
  ['engine/restore/f.ts', 'engine/animate/prepare.ts', 'engine/restore-imports-only'],
  ['engine/animate/face/g.ts', 'engine/provenance/verdict.ts', undefined],
  ['engine/media/h.ts', 'engine/provenance/verdict.ts', 'engine/media-imports-only'],
  ['engine/i.ts', 'engine/media/probe.ts', 'shared-by-the-engine-imports-no-folder'],
  ['engine/media/j.ts', 'engine/errors.ts', undefined],
  ['engine/another/k.ts', 'engine/errors.ts', 'not-in-the-list'],
  ['another/a.ts', 'engine/errors.ts', 'not-in-the-list'],
  ['demo/a.ts', 'config.ts', 'demo-imports-only'],
  ['demo/b.ts', 'engine/media/probe.ts', undefined],
  ['cli/a.ts', 'commands/index.ts', 'cli-imports-only'],
  ['service/a.ts', 'store/quotas.ts', 'service-imports-only'],
  ['cli/b.ts', 'engine/media/probe.ts', undefined],
  ['cli/c.ts', 'config.ts', undefined],
  ['store/a.ts', 'queue/queue.ts', 'store-imports-only'],
  ['store/b.ts', 'config.ts', 'store-imports-only'],
  ['locale.ts', 'version.ts', 'locale-imports-only'],
  ['policy/a.ts', 'queue/queue.ts', 'policy-imports-only'],
  ['policy/b.ts', 'store/quotas.ts', undefined],
  ['queue/a.ts', 'discord/client.ts', 'queue-imports-only'],
  ['queue/b.ts', 'engine/media/probe.ts', undefined],
  ['discord/a.ts', 'commands/restore.ts', 'discord-imports-only'],
  ['discord/b.ts', 'queue/queue.ts', undefined],
  ['commands/a.ts', 'config.ts', 'commands-imports-only'],
  ['commands/b.ts', 'policy/refusal.ts', undefined],
];

/** Plants them all in a tree of their own and asks dependency-cruiser, with the project's rules, what is broken. */
async function cruise(folder: string): Promise<Map<string, string[]>> {
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  };
  await copyFile(join(root, 'tsconfig.json'), join(folder, 'tsconfig.json'));
  await write('package.json', '{ "type": "module" }');
  for (const [from, to] of plants) {
    await write(`src/${to}`, 'export const there = 1;\n');
    const up = '../'.repeat(from.split('/').length - 1) || './';
    await write(`src/${from}`, `import { there } from '${up}${to}';\n\nexport const here = there;\n`);
  }
  const command = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const options = ['--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'json', 'src'];
  // Its exit status is the number of broken rules; the report says which.
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...options], { cwd: folder }).catch(
    (error: unknown) => error as { stdout: string },
  );
  const report = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  const found = new Map<string, string[]>();
  for (const { from, rule } of report.summary.violations) {
    const file = from.replace(/^src\//, '');
    found.set(file, [...(found.get(file) ?? []), rule.name]);
  }
  return found;
}

interface Rule {
  readonly name: string;
  readonly comment?: string;
}

/** The list of arrows, as the rules have it: `from -> to, to`. */
async function listed(): Promise<[from: string, to: string[]][]> {
  const path = join(root, '.dependency-cruiser.cjs');
  const { default: config } = (await import(path)) as { default: { forbidden: Rule[] } };
  return config.forbidden.flatMap(({ comment = '' }) => {
    const [from, to] = comment.split(' -> ');
    return to === undefined ? [] : [[from!, to === 'nothing' ? [] : to.split(', ')] as [string, string[]]];
  });
}

describe('the list of arrows', () => {
  it('is what ARCHITECTURE.md says', async () => {
    const document = await readFile(join(root, 'ARCHITECTURE.md'), 'utf8');
    const said = [...document.matchAll(/^(\S+) +-> (\S.*)$/gm)].map(([, from, to]) => `${from!} -> ${to!}`);
    expect(said).toEqual((await listed()).map(([from, to]) => `${from} -> ${to.join(', ') || 'nothing'}`));
  });

  it('has no circle', async () => {
    let left = await listed();
    expect(left.length).toBeGreaterThan(20);
    for (let before = 0; before !== left.length;) {
      before = left.length;
      const needed = left.map(([from]) => from);
      left = left.filter(([, to]) => to.some((name) => needed.includes(name)));
    }
    expect(left).toEqual([]);
  });
});

describe('an import', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  let found: Map<string, string[]>;
  beforeAll(async () => {
    folder = await scratchFolder();
    found = await cruise(folder.path);
  });
  afterAll(() => folder.remove());

  it.each(plants)('from %s to %s is answered with %s', (from, _, rule) => {
    const broken = found.get(from)?.map((name) => name.replace(/-imports-only-.*/, '-imports-only'));
    expect(broken).toEqual(rule === undefined ? undefined : [rule]);
  });
});

describe('lint', () => {
  // The rules planted against need no types; without them the planted files need not be part of the project.
  const eslint = new ESLint({
    cwd: root,
    overrideConfig: {
      ...tseslint.configs.disableTypeChecked,
      languageOptions: { parserOptions: { projectService: false, project: false } },
    },
  });
  const rules = async (file: string, text: string): Promise<string[]> => {
    const [result] = await eslint.lintText(text, { filePath: join(root, file) });
    return result!.messages.map(({ ruleId, message }) => ruleId ?? message);
  };

  it.each([
    [
      'a second door to ffmpeg',
      "import ffmpeg from 'fluent-ffmpeg';\nexport const command = ffmpeg();\n",
      'no-restricted-imports',
    ],
    ['a setting read past the configuration', "export const home = process.env['HOME'];\n", 'no-restricted-properties'],
    ['the same by destructuring', 'export const { env } = process;\n', 'no-restricted-properties'],
    [
      'the same by import',
      "import { env } from 'node:process';\nexport const home = env['HOME'];\n",
      'no-restricted-imports',
    ],
    ['a default export', 'export default 1;\n', 'no-restricted-syntax'],
  ])('catches %s', async (_, text, rule) => {
    expect(await rules('src/engine/planted.ts', text)).toContain(rule);
  });

  it('has nothing to say about a clean file', async () => {
    expect(await rules('src/planted.ts', 'export const one = 1;\n')).toEqual([]);
  });
});
