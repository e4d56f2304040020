/** What keeps the database from being opened: a sentence for the operator, printed as it stands, and a code for the doctor. */

export type DatabaseProblemCode =
  'address' | 'unreachable' | 'foreign' | 'migration-edited' | 'migration-unfinished' | 'migration-failed' | 'newer';

export class DatabaseProblem extends Error {
  override readonly name = 'DatabaseProblem';
  readonly code: DatabaseProblemCode;

  constructor(code: DatabaseProblemCode, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.code = code;
  }
}
