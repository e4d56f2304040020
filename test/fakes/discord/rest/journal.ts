/** What was asked of the server and how it answered, for tests to read afterwards. */
import type { FormFault } from '../errors.ts';

export interface JournalEntry {
  /** Counts from 1 in order of arrival. */
  readonly number: number;
  /** The server's time when the request arrived. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** The operation's id in the API description, such as `create_message`; undefined for an unknown path. */
  operation: string | undefined;
  body: unknown;
  files: readonly { readonly field: string; readonly filename: string; readonly bytes: number }[];
  /** 0 while unanswered, and for ever when the connection was dropped. */
  status: number;
  /** The bot went away before it was answered. */
  isLeft: boolean;
  /** Discord's numeric code of a refusal. */
  code: number | undefined;
  faults: readonly FormFault[];
  /** What a test had planted for this request. */
  planted: string | undefined;
  /** What Discord takes but a bot had better not do. */
  warnings: readonly string[];
}

export interface Journal {
  readonly open: (method: string, path: string, at: number) => JournalEntry;
  /** All requests, or those for one operation, in order of arrival. */
  readonly requests: (operation?: string) => readonly JournalEntry[];
  /** Requests that broke a rule: answered with 4xx and not because a test had planted it. */
  readonly refused: () => readonly JournalEntry[];
  /** What Discord takes but a bot had better not do, with the operation that did it. */
  readonly warnings: () => readonly string[];
  /** The last requests, for the message of a failed test. */
  readonly story: () => string;
  /** Faults of this server itself: an answer unlike the API description, or an exception. None if it is right. */
  readonly ownFaults: string[];
}

const line = ({ method, path, status, code, faults, planted }: JournalEntry): string =>
  [
    `${method} ${path.replaceAll(/aW50ZXJhY3Rpb246[\w-]+/g, '<token>')} -> ${status === 0 ? 'no answer' : status}`,
    code === undefined ? '' : `code ${code}`,
    faults.map((fault) => `${fault.path.join('.')}: ${fault.message}`).join('; '),
    planted === undefined ? '' : `(planted: ${planted})`,
  ]
    .filter((part) => part !== '')
    .join(' ');

export function createJournal(): Journal {
  const entries: JournalEntry[] = [];
  const ownFaults: string[] = [];
  return {
    open: (method, path, at) => {
      const entry: JournalEntry = {
        number: entries.length + 1,
        at,
        method,
        path,
        operation: undefined,
        body: undefined,
        files: [],
        status: 0,
        isLeft: false,
        code: undefined,
        faults: [],
        planted: undefined,
        warnings: [],
      };
      entries.push(entry);
      return entry;
    },
    requests: (operation) => entries.filter((entry) => operation === undefined || entry.operation === operation),
    refused: () => entries.filter(({ status, planted }) => status >= 400 && status < 500 && planted === undefined),
    warnings: () =>
      entries.flatMap(({ operation, warnings }) => warnings.map((warning) => `${operation ?? '?'}: ${warning}`)),
    story: () => ['last requests:', ...entries.slice(-12).map(line), ...ownFaults].join('\n  '),
    ownFaults,
  };
}
