import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LumiereError } from '../../../src/engine/errors.ts';
import { downloadFile, type DownloadRequest } from '../../../src/engine/model/download.ts';
import { fileSha256 } from '../../../src/engine/file-hash.ts';
import { closedPort } from '../../free-port.ts';
import { startFileServer, type Fault, type FileServer } from './file-server.ts';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');

let server: FileServer;
let folder: string;
let target: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lumiere-download-'));
  target = join(folder, 'weights.bin');
  server = await startFileServer(folder);
  server.serve('/weights.bin', content);
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const download = (change: Partial<DownloadRequest> = {}): Promise<void> =>
  downloadFile({
    url: `${server.url}/weights.bin`,
    target,
    bytes: content.byteLength,
    model: 'net',
    file: 'weights.bin',
    verify: async (path) => {
      const actual = await fileSha256(path);
      return actual === sha256 ? undefined : { expected: sha256, actual };
    },
    settings: {},
    retry: { retries: 3, pauseMs: 10, stallMs: 600_000 },
    ...change,
  });

async function errorOf(action: Promise<unknown>): Promise<LumiereError> {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof LumiereError) return error;
  throw new Error('expected a LumiereError', { cause: error });
}

const plant = (...faults: readonly Fault[]): void => {
  server.faults.set('/weights.bin', [...faults]);
};
const starts = (): readonly number[] => server.requests.map(({ from }) => from);

describe('a download', () => {
  test('arrives whole, tells how far it is, and leaves nothing else', async () => {
    const seen: number[] = [];
    await download({ onProgress: (received) => seen.push(received) });
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(readdirSync(folder)).toEqual(['weights.bin']);
    expect(seen.at(-1)).toBe(content.byteLength);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  test('goes on where the connection was cut', async () => {
    plant({ cutAfter: 100_000 }, { cutAfter: 50_000 });
    await download();
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(starts()).toEqual([0, 100_000, 150_000]);
  });

  test('goes on where an earlier run ended', async () => {
    writeFileSync(`${target}.part`, content.subarray(0, 123_456));
    await download();
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(starts()).toEqual([123_456]);
  });

  test('asks for nothing when an earlier run had it all', async () => {
    writeFileSync(`${target}.part`, content);
    await download();
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(starts()).toEqual([]);
  });

  test('begins anew where the server knows no ranges', async () => {
    writeFileSync(`${target}.part`, content.subarray(0, 1_000));
    plant({ withoutRanges: true });
    await download();
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  test('begins anew when what an earlier run left is wrong', async () => {
    writeFileSync(`${target}.part`, Buffer.alloc(1_000));
    await download();
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(starts()).toEqual([1_000, 0]);
  });

  test('begins anew when what an earlier run left is too long', async () => {
    writeFileSync(`${target}.part`, Buffer.alloc(content.byteLength + 1));
    await download();
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  test.each([503, 500, 429, 408])('tries again after status %i', async (status) => {
    plant({ status }, { status });
    await download();
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(server.requests).toHaveLength(3);
  });

  test('tries again when nothing arrives any more', async () => {
    plant({ stallAfter: 10_000 });
    await download({ retry: { retries: 9, pauseMs: 10, stallMs: 1_000 } });
    expect(readFileSync(target).equals(content)).toBe(true);
    // Twice, or more often where this process stood still meanwhile.
    expect(starts().length).toBeGreaterThan(1);
  });

  test('has all the time it needs as long as something arrives', async () => {
    // 30 pieces with a second after each, by a clock that goes on when a piece has arrived.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let arrived = 0;
      const after = async (sent: number): Promise<void> => {
        while (arrived < sent) await nextTurn();
        vi.advanceTimersByTime(1_000);
      };
      plant({ piecesOf: 10_000, after });
      const onProgress = (received: number): void => void (arrived = received);
      await download({ onProgress, retry: { retries: 0, pauseMs: 10, stallMs: 1_500 } });
    } finally {
      vi.useRealTimers();
    }
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  test('gives up after the retries it has, keeping what arrived', async () => {
    plant(...Array.from({ length: 9 }, () => ({ cutAfter: 1_000 })));
    const { code, params } = await errorOf(download());
    expect(code).toBe('model.download-failed');
    expect(params).toMatchObject({ model: 'net', file: 'weights.bin' });
    expect(server.requests).toHaveLength(4);
    expect(existsSync(target)).toBe(false);
    expect(readFileSync(`${target}.part`).equals(content.subarray(0, 4_000))).toBe(true);
  });

  test.each([404, 403, 401])('does not insist on status %i', async (status) => {
    plant({ status });
    const { code, params } = await errorOf(download());
    expect({ code, detail: params['detail'] }).toEqual({
      code: 'model.download-failed',
      detail: `HTTP status ${status}`,
    });
    expect(server.requests).toHaveLength(1);
  });

  test('that is not what was announced is refused and removed', async () => {
    const other = Buffer.from(content);
    other[5_000]! ^= 1;
    plant({ bytes: other });
    const { code, params } = await errorOf(download());
    expect(code).toBe('model.hash-mismatch');
    expect(params).toMatchObject({ model: 'net', file: 'weights.bin', expected: sha256 });
    expect(params['actual']).toMatch(/^[0-9a-f]{64}$/);
    expect(server.requests).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that is longer than announced is refused and removed', async () => {
    plant({ surplus: 1 });
    const { code, params } = await errorOf(download());
    expect(code).toBe('model.download-failed');
    expect(params['detail']).toContain('more than the 300000 bytes announced');
    expect(server.requests).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that is cancelled ends at once and is taken up again', async () => {
    plant({ stallAfter: 20_000 });
    const controller = new AbortController();
    const running = errorOf(download({ signal: controller.signal }));
    await expect.poll(() => statSync(`${target}.part`, { throwIfNoEntry: false })?.size).toBe(20_000);
    controller.abort();
    expect((await running).code).toBe('job.cancelled');
    expect(readdirSync(folder)).toEqual(['weights.bin.part']);
    await download();
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(starts()).toEqual([0, 20_000]);
  });

  test('from an address nobody answers at fails with a word about it', async () => {
    const { code, params } = await errorOf(download({ url: `http://127.0.0.1:${closedPort}/weights.bin` }));
    expect(code).toBe('model.download-failed');
    expect(params['detail']).toContain('ECONNREFUSED');
  });
});
