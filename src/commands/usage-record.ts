/** A row of the usage log as it is exported: names that stay the same in every language, so that programs can read them. */
import { stringify } from 'csv-stringify/sync';

import type { ExportedRow } from '../store/usage.ts';

type Value = string | number | null;
type Nested = Value | readonly Nested[] | { readonly [name: string]: Nested };

/** Nested, for JSON. Times are ISO 8601 in UTC, ids are Discord's, seconds are seconds. */
function exportRecord(row: ExportedRow): Readonly<Record<string, Nested>> {
  const { consent, reports, removal, events, actions } = row;
  return {
    id: row.id,
    asked_at: time(row.createdAt),
    command: row.command,
    state: row.state,
    code: row.code,
    requester_id: row.requesterId,
    channel_id: row.channelId,
    locale: row.locale,
    parameters: row.parameters as Nested,
    input_name: row.inputName,
    input_sha256: row.inputSha256,
    input_bytes: row.inputBytes,
    input_seconds: row.inputSeconds,
    input_marks: row.inputMarks as Nested,
    queued_at: time(row.queuedAt),
    started_at: time(row.startedAt),
    finished_at: time(row.finishedAt),
    predicted_seconds: row.predictedSeconds,
    compute_seconds: row.computeSeconds,
    outcome: row.outcome as Nested,
    result_sha256: row.resultSha256,
    result_expires_at: time(row.resultExpiresAt),
    mark: row.markId,
    consent:
      consent === null
        ? null
        : {
            id: consent.id,
            kind: consent.kind,
            scope: consent.scope,
            state: consent.state,
            subject_id: consent.subjectId,
            declared: consent.declared,
            text_version: consent.textVersion,
            text_locale: consent.textLocale,
            asked_at: time(consent.askedAt),
            decided_at: time(consent.decidedAt),
            decided_by: consent.decidedBy,
            expires_at: time(consent.expiresAt),
            revoked_at: time(consent.revokedAt),
          },
    removal: removal?.state ?? null,
    reports: reports.map(({ reporterId, reason, state, createdAt, decidedAt, decidedBy }) => ({
      reporter_id: reporterId,
      reason,
      state,
      at: time(createdAt),
      decided_at: time(decidedAt),
      decided_by: decidedBy,
    })),
    events: events.map(({ at, from, to, actor, code }) => ({ at: time(at), from, to, actor, code })),
    actions: actions.map(({ at, moderatorId, kind, reason }) => {
      return { at: time(at), moderator_id: moderatorId, kind, reason };
    }),
  };
}

const time = (moment: Date | null): string | null => moment?.toISOString() ?? null;

/** How the rows become a file: `head`, a text for each row, `tail`. */
export interface ExportFormat {
  readonly ending: string;
  readonly mediaType: string;
  readonly head: string;
  readonly row: (row: ExportedRow, isFirst: boolean) => string;
  readonly tail: string;
}

const consentColumns = [
  'id',
  'kind',
  'scope',
  'state',
  'subject_id',
  'declared',
  'text_version',
  'text_locale',
  'asked_at',
  'decided_at',
  'decided_by',
  'expires_at',
  'revoked_at',
] as const;

/** One level: a column for each part of the agreement, what is nested otherwise as JSON in its column. */
function flat(row: ExportedRow): Record<string, Value> {
  const { consent, ...rest } = exportRecord(row);
  const agreed = typeof consent === 'object' && consent !== null ? (consent as Readonly<Record<string, Nested>>) : {};
  return Object.fromEntries([
    ...Object.entries(rest).map(([name, value]) => [name, cell(value)] as const),
    ...consentColumns.map((name) => [`consent_${name}`, cell(agreed[name] ?? null)] as const),
  ]);
}

const cell = (value: Nested): Value => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value);

/**
 * `escape_formulas`: a cell that begins as a formula does, which a file's name or a reason may, is text for a spreadsheet. It
 * and the mark of byte order before the head are for those who open the file in one.
 */
const csv = { escape_formulas: true, record_delimiter: '\r\n' } as const;

export const exportFormats = {
  csv: {
    ending: 'csv',
    mediaType: 'text/csv',
    get head() {
      return `\uFEFF${stringify([columnNames()], csv)}`;
    },
    row: (row: ExportedRow) => stringify([Object.values(flat(row))], csv),
    tail: '',
  },
  json: {
    ending: 'json',
    mediaType: 'application/json',
    head: '[\n',
    row: (row: ExportedRow, isFirst: boolean) => `${isFirst ? '' : ',\n'}${JSON.stringify(exportRecord(row))}`,
    tail: '\n]\n',
  },
} as const satisfies Readonly<Record<string, ExportFormat>>;

/** As `flat` has them. */
function columnNames(): string[] {
  const plain = [
    ...['id', 'asked_at', 'command', 'state', 'code', 'requester_id', 'channel_id', 'locale', 'parameters'],
    ...['input_name', 'input_sha256', 'input_bytes', 'input_seconds', 'input_marks'],
    ...['queued_at', 'started_at', 'finished_at', 'predicted_seconds', 'compute_seconds', 'outcome'],
    ...['result_sha256', 'result_expires_at', 'mark', 'removal', 'reports', 'events', 'actions'],
  ];
  return [...plain, ...consentColumns.map((name) => `consent_${name}`)];
}
