/** What every benchmark reports: the machine it ran on, a table for people, and JSON for whoever compares. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

import { physicalCores } from '../../src/engine/model/processor.ts';

export interface BenchRow {
  readonly what: string;
  readonly measured: string;
  readonly reach: string;
  readonly ok: boolean;
}

export interface BenchResult {
  readonly name: string;
  readonly rows: readonly BenchRow[];
  /** Whatever the figures were made of. */
  readonly details: unknown;
}

const folder = fileURLToPath(new URL('../../bench-results/', import.meta.url));

/** Processor, cores and memory, in a line. */
export function describeBenchMachine(): string {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${processor}, ${physicalCores()} cores, ${memory}, ${platform()} ${arch()}, Node ${process.versions.node}`;
}

/** The rows as a table in Markdown. */
export function benchTable(rows: readonly BenchRow[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['what', 'measured', 'to reach', '']),
    '|---|---|---|---|',
    ...rows.map(({ what, measured, reach, ok }) => line([what, measured, reach, ok ? 'yes' : '**no**'])),
  ].join('\n');
}

/** Writes `bench-results/<name>.json` and returns its path. */
export async function writeBenchResult(result: BenchResult): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = `${folder}${result.name}.json`;
  const document = { machine: describeBenchMachine(), date: new Date().toISOString(), ...result };
  await writeFile(path, `${JSON.stringify(document, undefined, 2)}\n`);
  return path;
}

/** Rows of the benchmarks called `names` as last measured on this machine, in that order; those never run are left out. */
async function lastRows(names: readonly string[]): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const name of names) {
    const text = await readFile(`${folder}${name}.json`, 'utf8').catch(() => undefined);
    const last = text === undefined ? undefined : (JSON.parse(text) as BenchResult & { machine: string });
    if (last?.machine === describeBenchMachine()) rows.push(...last.rows);
  }
  return rows;
}

/** Writes what the benchmarks called `names` last measured on this machine between the marks of the README. */
export async function writeReadmeTable(names: readonly string[]): Promise<void> {
  const readme = fileURLToPath(new URL('../../README.md', import.meta.url));
  const text = await readFile(readme, 'utf8');
  const block = /(<!-- bench:start -->)[\s\S]*?(<!-- bench:end -->)/;
  if (!block.test(text)) throw new Error('expected <!-- bench:start --> and <!-- bench:end --> in README.md');
  const date = new Date().toISOString().slice(0, 10);
  const body = `${benchTable(await lastRows(names))}\n\nMeasured ${date} by \`npm run bench\` on: ${describeBenchMachine()}.`;
  await writeFile(
    readme,
    text.replace(block, (_, start: string, end: string) => `${start}\n${body}\n${end}`),
  );
}
