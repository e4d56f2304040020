/** Sizes as people write them: `10MiB`, `10MB`, `8388608`. */

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
};

/**
 * Bytes, rounded down; undefined when `text` is no positive size. Decimal units are powers of 1000, binary ones (`MiB`) of
 * 1024; a bare `M` is read as `MiB`, as chat programs mean it.
 */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = units[match?.[2]?.toLowerCase() ?? '-'];
  if (!match || unit === undefined) return undefined;
  const bytes = Math.floor(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

/** `10 MiB`, `9.5 MiB`, `812 KiB`, `17 B`: at most one decimal, never rounded up past the true size. */
export function formatByteSize(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB'];
  const step = Math.min(names.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  const value = Math.floor((bytes / 2 ** (10 * step)) * 10) / 10;
  return `${value} ${names[step]!}`;
}
