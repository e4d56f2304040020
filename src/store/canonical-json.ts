/** One way to write a value as JSON, whatever database it came out of: what is hashed must be the same bytes every time. */
import type { Json } from './rows.ts';

/** JSON with the keys of every object sorted by code unit and no white space. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = value as Readonly<Record<string, Json>>;
  const parts = Object.keys(fields)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(fields[key] ?? null)}`);
  return `{${parts.join(',')}}`;
}
