/** What an operation is given and gives back. */
import type { Route } from '../api/routes.ts';
import type { UploadedFile } from '../rest/body.ts';
import type { State } from '../state.ts';

export interface ApiRequest {
  readonly parameters: Route['parameters'];
  readonly query: URLSearchParams;
  /** Conforms to the operation's schema. */
  readonly body: unknown;
  readonly files: readonly UploadedFile[];
  /** Notes what Discord takes but a bot had better not do. */
  readonly warn: (warning: string) => void;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** @throws Refusal when Discord would refuse. */
export type Operation = (state: State, request: ApiRequest) => ApiAnswer;

export const ok = (body: unknown): ApiAnswer => ({ status: 200, body });
export const noContent: ApiAnswer = { status: 204 };
