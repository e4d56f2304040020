/** Exports on the disk: plain where they fit, else compressed in parts of which each is whole. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { writeExport } from '../../src/commands/export-file.ts';
import { exportFormats } from '../../src/commands/usage-record.ts';
import type { ExportedRow } from '../../src/store/usage.ts';
import { scratchFolder } from '../clips.ts';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch.remove());

const none = { consent: null, reports: [], removal: null, events: [], actions: [] };
/** Rows of some 40 kB that no compressor makes smaller than 30. */
const texts = Array.from({ length: 60 }, () => randomBytes(30_000).toString('base64'));
async function* rows(): AsyncGenerator<ExportedRow> {
  for (const [at, text] of texts.entries()) {
    await Promise.resolve();
    yield {
      ...none,
      id: String(at),
      createdAt: new Date(at),
      queuedAt: null,
      startedAt: null,
      finishedAt: null,
      resultExpiresAt: null,
      inputName: text,
    } as unknown as ExportedRow;
  }
}

const wish = { folder: '', name: 'usage', format: exportFormats.json, limit: 0, mostParts: 10 };

it('are one file as it is where it fits', async () => {
  const exported = await writeExport(rows, { ...wish, folder: scratch.path, limit: 10_000_000 });
  expect(exported).toMatchObject({ rows: 60, parts: [{ name: 'usage.json', mediaType: 'application/json' }] });
  const records = JSON.parse(await readFile(exported!.parts[0]!.path, 'utf8')) as { input_name: string }[];
  expect(records.map((record) => record.input_name)).toEqual(texts);
});

it.each(['json', 'csv'] as const)(
  'are compressed in parts, none above the limit and each whole, as %s',
  async (kind) => {
    const limit = 1_200_000;
    const exported = await writeExport(rows, { ...wish, format: exportFormats[kind], folder: scratch.path, limit });
    expect(exported!.rows).toBe(60);
    expect(exported!.parts.length).toBeGreaterThan(1);
    const found: string[] = [];
    for (const { path, name } of exported!.parts) {
      expect(name).toMatch(/^usage-\d\.(json|csv)\.gz$/);
      expect((await stat(path)).size).toBeLessThanOrEqual(limit);
      const text = gunzipSync(await readFile(path)).toString();
      if (kind === 'json') found.push(...(JSON.parse(text) as { input_name: string }[]).map((one) => one.input_name));
      else expect(text).toMatch(/^\uFEFFid,asked_at/);
    }
    if (kind === 'json') expect(found).toEqual(texts);
  },
);

const isLinux = process.platform === 'linux';

it.runIf(isLinux).each([
  ['as it is', 10_000_000],
  ['compressed', 1_200_000],
])('leave no file open when the rows end with an error, %s', async (_, limit) => {
  async function* broken(): AsyncGenerator<ExportedRow> {
    let left = 50;
    for await (const row of rows()) {
      if ((left -= 1) < 0) throw new Error('the database is away');
      yield row;
    }
  }
  const folder = await mkdtemp(join(scratch.path, 'broken-'));
  await expect(writeExport(broken, { ...wish, folder, limit })).rejects.toThrow('the database is away');
  const opened = (await readdir('/proc/self/fd')).map((fd) => readlink(join('/proc/self/fd', fd)).catch(() => ''));
  expect((await Promise.all(opened)).filter((path) => path.startsWith(folder))).toEqual([]);
});

it('are not made where even that is too much', async () => {
  const tight = { ...wish, folder: scratch.path, limit: 700_000, mostParts: 2 };
  expect(await writeExport(rows, tight)).toBeUndefined();
});
