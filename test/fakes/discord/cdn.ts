/**
 * The host of attachments: signed addresses that expire after 24 hours, and the ways in which a download goes wrong.
 * An address whose signature or time is not right is refused with 403, as Discord's is.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, HOUR, SECOND } from './clock.ts';

export interface StoredFile {
  readonly id: string;
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly path: string;
  /** Uploaded with a command or a form rather than a message. */
  readonly ephemeral: boolean;
}

/** How the next downloads of a file go wrong. `bytes`: how many arrive before the connection dies or stands still. */
export type DownloadFault =
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'cut'; readonly bytes: number }
  | { readonly kind: 'stall'; readonly bytes: number }
  /** Says that the file is `length` bytes long, whatever it is. */
  | { readonly kind: 'lying length'; readonly length: number };

export interface Cdn {
  readonly store: (file: {
    readonly filename: string;
    readonly contentType: string;
    readonly bytes: Buffer;
    readonly channelId: string;
    readonly ephemeral: boolean;
  }) => StoredFile;
  /** An address good for 24 hours from now. */
  readonly address: (file: StoredFile) => string;
  /** The same as an address that has already expired. */
  readonly expiredAddress: (file: StoredFile) => string;
  readonly find: (id: string) => StoredFile | undefined;
  readonly remove: (id: string) => void;
  readonly plant: (id: string, fault: DownloadFault) => void;
  /** Cuts the downloads of a file that stand still. */
  readonly cutStalled: (id: string) => void;
  /** Downloads begun, by file id. */
  readonly downloads: ReadonlyMap<string, number>;
  /** Answers a request when it is for this host. @returns whether it was. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => boolean;
}

const LIFETIME = 24 * HOUR;

/** @param base gives the server's own address once it listens. */
export function createCdn(clock: Clock, nextId: () => string, base: () => string): Cdn {
  const files = new Map<string, StoredFile>();
  const faults = new Map<string, DownloadFault>();
  const downloads = new Map<string, number>();
  const stalled: { readonly id: string; readonly response: ServerResponse }[] = [];

  const hex = (milliseconds: number): string => Math.floor(milliseconds / SECOND).toString(16);
  const sign = (path: string, expires: string, issued: string): string =>
    createHmac('sha256', 'the test server').update(`${path} ${expires} ${issued}`).digest('hex');
  const signed = (path: string, expiresAt: number): string => {
    const [expires, issued] = [hex(expiresAt), hex(expiresAt - LIFETIME)];
    return `${base()}${path}?ex=${expires}&is=${issued}&hm=${sign(path, expires, issued)}&`;
  };

  const isValid = ({ pathname, searchParams }: URL): boolean => {
    const expires = searchParams.get('ex') ?? '';
    const given = Buffer.from(searchParams.get('hm') ?? '');
    const right = Buffer.from(sign(pathname, expires, searchParams.get('is') ?? ''));
    const authentic = given.length === right.length && timingSafeEqual(given, right);
    return authentic && Number.parseInt(expires, 16) * SECOND > clock.now();
  };

  const send = (file: StoredFile, request: IncomingMessage, response: ServerResponse): void => {
    const fault = faults.get(file.id);
    const headers = { 'content-type': file.contentType, 'content-length': file.bytes.length };
    if (request.method === 'HEAD') response.writeHead(200, headers).end();
    else if (!fault) response.writeHead(200, headers).end(file.bytes);
    else if (fault.kind === 'redirect') response.writeHead(302, { location: fault.to }).end();
    else if (fault.kind === 'status') response.writeHead(fault.status).end();
    else if (fault.kind === 'lying length') {
      response.writeHead(200, { ...headers, 'content-length': fault.length }).write(file.bytes);
      response.socket?.end();
    } else {
      response.writeHead(200, headers).write(file.bytes.subarray(0, fault.bytes), () => {
        if (fault.kind === 'cut') response.destroy();
        else stalled.push({ id: file.id, response });
      });
    }
  };

  return {
    store: ({ filename, contentType, bytes, channelId, ephemeral }) => {
      const id = nextId();
      const folder = ephemeral ? 'ephemeral-attachments' : 'attachments';
      const path = `/${folder}/${channelId}/${id}/${encodeURIComponent(filename)}`;
      const file: StoredFile = { id, filename, contentType, bytes, path, ephemeral };
      files.set(id, file);
      return file;
    },
    address: ({ path }) => signed(path, clock.now() + LIFETIME),
    expiredAddress: ({ path }) => signed(path, clock.now() - SECOND),
    find: (id) => files.get(id),
    remove: (id) => {
      files.delete(id);
    },
    plant: (id, fault) => {
      faults.set(id, fault);
    },
    cutStalled: (id) => {
      for (const one of stalled) if (one.id === id) one.response.destroy();
    },
    downloads,
    serve: (request, response) => {
      const url = new URL(request.url ?? '/', 'http://cdn');
      if (!/^\/(ephemeral-)?attachments\//.test(url.pathname)) return false;
      const file = files.get(url.pathname.split('/')[3] ?? '');
      if (file?.path !== url.pathname) response.writeHead(404).end();
      else if (!isValid(url)) response.writeHead(403).end('This content is no longer available.');
      else {
        if (request.method === 'GET') downloads.set(file.id, (downloads.get(file.id) ?? 0) + 1);
        send(file, request, response);
      }
      return true;
    },
  };
}
