/** What `lumiere audit` finds wrong, and where. */

export type AuditFaultKind =
  | 'entry-altered'
  | 'entry-misplaced'
  | 'entries-missing'
  | 'row-altered'
  | 'row-missing'
  | 'row-foreign'
  | 'head-missing'
  | 'head-altered'
  | 'head-unknown'
  | 'other-key'
  | 'progress-altered'
  | 'file-foreign'
  | 'files-without-key'
  | 'files-other-key';

export interface AuditFault {
  readonly kind: AuditFaultKind;
  /** Number of the entry, or of the first of several. */
  readonly seq?: number;
  readonly through?: number;
  readonly table?: string;
  readonly rowId?: number;
  /** Of a made file. */
  readonly sha256?: string;
  /** Of the key that made files are under, as src/store/made-file-mac.ts has it. */
  readonly keyId?: string;
  /** How many rows, where one fault stands for all of them. */
  readonly count?: number;
  /** The request or the consent. */
  readonly subject?: string;
  /** What is not as it was sealed. */
  readonly fields?: readonly string[];
}
