/** Reads a request's body: JSON, or a multipart form of `payload_json` and `files[n]`. */
import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { apiErrors, formFault, Refusal } from '../errors.ts';

export interface UploadedFile {
  /** The n of `files[n]`; undefined where the part is not named so. */
  readonly index: number | undefined;
  readonly field: string;
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export interface Body {
  /** Undefined where there was none. */
  readonly json: unknown;
  readonly files: readonly UploadedFile[];
}

/** Whole requests above this are cut off before anything looks at them. */
const REQUEST_CAP = 512 * 1024 * 1024;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(apiErrors.invalidJson);
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > REQUEST_CAP) throw new Refusal(apiErrors.requestTooLarge);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function parseMultipart(bytes: Buffer, contentType: string): Promise<Body> {
  const headers: BusboyHeaders = { 'content-type': contentType };
  return new Promise((resolve, reject) => {
    const files: UploadedFile[] = [];
    let payload: string | undefined;
    const strange: string[] = [];
    const form = new Busboy({ headers, limits: { fieldSize: 8 * 1024 * 1024 } });
    form.on('file', (field, stream, filename, _encoding, mimeType) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const index = /^files\[(\d+)\]$/.exec(field)?.[1];
        files.push({
          index: index === undefined ? undefined : Number(index),
          field,
          filename,
          contentType: mimeType,
          bytes: Buffer.concat(chunks),
        });
      });
    });
    form.on('field', (field, value) => {
      if (field === 'payload_json') payload = value;
      else strange.push(field);
    });
    form.on('finish', () => {
      try {
        if (strange.length > 0) {
          throw new Refusal(apiErrors.invalidForm, [
            formFault(strange, 'UNKNOWN_FIELD', 'in a multipart form the fields stand inside payload_json'),
          ]);
        }
        resolve({ json: payload === undefined ? {} : parseJson(payload), files });
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    form.on('error', () => {
      reject(new Refusal(apiErrors.invalidForm, [formFault([], 'MULTIPART', 'the multipart form does not parse')]));
    });
    form.end(bytes);
  });
}

/** @throws Refusal when the body is neither JSON nor a form of the two kinds of field, or is too large. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const contentType = request.headers['content-type'] ?? '';
  const bytes = await readAll(request);
  if (contentType.startsWith('multipart/form-data')) return parseMultipart(bytes, contentType);
  if (bytes.length === 0) return { json: undefined, files: [] };
  if (!contentType.startsWith('application/json')) {
    throw new Refusal(apiErrors.invalidForm, [
      formFault([], 'CONTENT_TYPE', `expected application/json or multipart/form-data but received ${contentType}`),
    ]);
  }
  return { json: parseJson(bytes.toString('utf8')), files: [] };
}
