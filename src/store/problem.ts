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

/** Of a connection that was refused, a password that is wrong, a file that may not be written: with what to look at. */
export function unreachable(dialect: 'sqlite' | 'postgresql', error: unknown): DatabaseProblem {
  const { message, code } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) };
  // Where a name stands for several addresses, the failure of all of them has no words of its own.
  const reason = message === '' ? (code ?? 'no answer') : message.split('\n', 1)[0]!;
  const advice =
    dialect === 'postgresql'
      ? 'Check DATABASE_URL (host, port, user, password, name), and that the server runs.'
      : 'Check that DATABASE_URL, or LUMIERE_DATA_DIR where it is not set, names a place that this user may write.';
  return new DatabaseProblem('unreachable', `The database cannot be opened: ${reason}. ${advice}`, { cause: error });
}
