/**
 * Where a command writes: sentences and results on stdout, progress on stderr, or one JSON document on stdout with
 * `--json`. Streams enter as parameters, so that a test reads what a person would.
 */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface Terminal {
  /** True with `--json`: nothing but the one document may go to stdout. */
  readonly json: boolean;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** A line of the answer. Silent with `--json`. */
  line(text?: string): void;
  /** The answer as data. Printed only with `--json`; call it once, at the end. */
  document(value: unknown): void;
}

export function createTerminal(options: { json: boolean; stdout?: Stream; stderr?: Stream }): Terminal {
  const { json, stdout = process.stdout, stderr = process.stderr } = options;
  return {
    json,
    stdout,
    stderr,
    line(text = '') {
      if (!json) stdout.write(`${text}\n`);
    },
    document(value) {
      if (json) stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
    },
  };
}

/** `rows` as columns that line up, two spaces apart; the last column is not padded. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
