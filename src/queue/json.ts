/** Values as the database's JSON columns hold them. */
import type { JsonObject } from '../store/rows.ts';

/** Only what JSON can hold, as JSON holds it. */
export function toJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
