/** The committed part of Discord's API description: where it lies and what shape `derive.ts` gave it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Schema = Record<string, unknown>;
export type Schemas = Record<string, Schema>;

export interface DescribedOperation {
  readonly operationId: string;
  /** Schema of the JSON body; absent where none is taken. */
  readonly request?: Schema;
  /** Schema of the answer by status; null where it has no body. */
  readonly responses: Readonly<Record<string, Schema | null>>;
}

export interface Description {
  /** By path, such as `/channels/{channel_id}`, then by lower-case method. */
  readonly operations: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: Schemas };
}

export const descriptionPath = fileURLToPath(new URL('description.json', import.meta.url));

export const readDescription = (): Description => JSON.parse(readFileSync(descriptionPath, 'utf8')) as Description;
