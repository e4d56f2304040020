/** Plain HTTP to the test server, for requests that the real client would never make. */
import type { DiscordServer } from '../discord/server.ts';

export interface RawFile {
  readonly field: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface RawOptions {
  readonly files?: readonly RawFile[];
  /** Fields of a multipart form besides `payload_json`. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, instead of a JSON body. */
  readonly text?: string;
  readonly signal?: AbortSignal;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

export type RawClient = (method: string, path: string, body?: unknown, options?: RawOptions) => Promise<RawAnswer>;

const USER_AGENT = 'DiscordBot (https://example.org, 1.0)';

function payload(
  body: unknown,
  { files = [], fields = {}, text }: RawOptions,
): { body?: string | FormData; type?: string } {
  if (text !== undefined) return { body: text, type: 'application/json' };
  if (files.length === 0 && Object.keys(fields).length === 0) {
    return body === undefined ? {} : { body: JSON.stringify(body), type: 'application/json' };
  }
  const form = new FormData();
  form.append('payload_json', JSON.stringify(body ?? {}));
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const { field, name, bytes } of files) form.append(field, new Blob([Buffer.from(bytes)]), name);
  return { body: form };
}

export function createRawClient({ rest, token }: Pick<DiscordServer, 'rest' | 'token'>): RawClient {
  return async (method, path, body, options = {}) => {
    const { body: sent, type } = payload(body, options);
    const response = await fetch(`${rest.api}/v10${path}`, {
      method,
      headers: {
        'user-agent': USER_AGENT,
        ...(path.startsWith('/webhooks/') || path.startsWith('/interactions/')
          ? {}
          : { authorization: `Bot ${token}` }),
        ...(type !== undefined && { 'content-type': type }),
        ...options.headers,
      },
      ...(sent !== undefined && { body: sent }),
      ...(options.signal && { signal: options.signal }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    return { status: response.status, headers: response.headers, body: isJson ? (JSON.parse(text) as unknown) : text };
  };
}
