/**
 * A server for download tests: npm packages and plain files, with Range requests, and faults planted in advance. Every
 * request for a file is noted, so that tests can say how often and from where something was fetched.
 */
import { readdirSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CatalogPackage } from '../../../src/engine/model/catalog.ts';

/** What goes wrong with the next answer: a status, a body that ends early, stands still, or goes on for too long. */
export type Fault =
  | { readonly status: number }
  | { readonly cutAfter: number }
  | { readonly stallAfter: number }
  /** Comes in pieces of this size; `after` each, told how much was sent, the next one waits for it. */
  | { readonly piecesOf: number; readonly after: (sent: number) => Promise<void> }
  | { readonly surplus: number }
  | { readonly withoutRanges: true }
  | { readonly bytes: Uint8Array };

export interface SeenRequest {
  readonly path: string;
  /** First byte asked for. */
  readonly from: number;
  readonly authorization: string | undefined;
}

export interface FileServer {
  readonly url: string;
  readonly requests: SeenRequest[];
  /** Faults by path, one for each answer until they are used up. */
  readonly faults: Map<string, Fault[]>;
  /** Serves bytes at a path; returns the address. */
  serve(path: string, bytes: Uint8Array): string;
  /** Publishes a package as an npm registry does; its tarball is a file of this server. Returns the tarball's path. */
  publish(wanted: CatalogPackage, tarball: Uint8Array): string;
  close(): Promise<void>;
}

/** Whether a file under `folder` that is not finished has so many bytes. */
const isKept = (folder: string, bytes: number): boolean =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.part'))
    .some((name) => (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0) >= bytes);

/** @param folder where what is fetched is kept, in files that end in `.part`: a connection is cut once what was sent is there. */
export async function startFileServer(folder: string): Promise<FileServer> {
  const files = new Map<string, Uint8Array>();
  const packuments = new Map<string, object>();
  const requests: SeenRequest[] = [];
  const faults = new Map<string, Fault[]>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = decodeURIComponent(request.url ?? '/');
    const packument = packuments.get(path);
    if (packument) {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(packument));
      return;
    }
    const wanted = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    requests.push({ path, from: wanted, authorization: request.headers.authorization });
    const fault = faults.get(path)?.shift();
    const file = fault && 'bytes' in fault ? fault.bytes : files.get(path);
    if (!file || (fault && 'status' in fault)) {
      response.writeHead(fault && 'status' in fault ? fault.status : 404).end();
      return;
    }
    if (wanted > 0 && wanted >= file.byteLength) {
      response.writeHead(416).end();
      return;
    }
    const from = fault && 'withoutRanges' in fault ? 0 : wanted;
    const surplus = fault && 'surplus' in fault ? fault.surplus : 0;
    const body = Buffer.concat([file.subarray(from), Buffer.alloc(surplus)]);
    const headers = { 'content-range': `bytes ${from}-${file.byteLength - 1}/${file.byteLength}` };
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.byteLength, ...(from > 0 ? headers : {}) });
    if (fault && 'piecesOf' in fault) {
      for (let start = 0; start < body.byteLength; start += fault.piecesOf) {
        response.write(body.subarray(start, start + fault.piecesOf));
        await fault.after(Math.min(start + fault.piecesOf, body.byteLength));
      }
      response.end();
      return;
    }
    const stop =
      fault && 'cutAfter' in fault ? fault.cutAfter : fault && 'stallAfter' in fault ? fault.stallAfter : undefined;
    if (stop === undefined) {
      response.end(body);
      return;
    }
    response.write(body.subarray(0, stop));
    if (!fault || !('cutAfter' in fault)) return;
    while (!response.closed && !isKept(folder, from + stop)) await sleep(5);
    response.destroy();
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    faults,
    serve(path, bytes) {
      files.set(path, bytes);
      return `${url}${path}`;
    },
    publish({ name, version, integrity }, tarball) {
      const path = `/${name}/-/${name.split('/').at(-1)!}-${version}.tgz`;
      files.set(path, tarball);
      const manifest = { name, version, dist: { tarball: `${url}${path}`, integrity } };
      packuments.set(`/${name}`, { name, 'dist-tags': { latest: version }, versions: { [version]: manifest } });
      return path;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
