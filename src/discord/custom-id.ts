/** Ids of buttons, menus and forms: `<action>:<subject>[:argument]`. They carry all there is, so they work after a restart. */

export interface CustomId {
  readonly action: string;
  /** The request it is about, or whatever else the action names: a message, a page. */
  readonly subject: string;
  readonly argument?: string;
}

/** Discord takes ids of up to 100 characters. */
const longest = 100;

/** @throws RangeError when a part holds a colon where none may stand, or the whole is too long. */
export function writeCustomId(action: string, subject: string, argument?: string): string {
  const id = argument === undefined ? `${action}:${subject}` : `${action}:${subject}:${argument}`;
  if (action.includes(':') || subject.includes(':') || id.length > longest) {
    throw new RangeError(`expected parts of a custom id but received ${id}`);
  }
  return id;
}

/** Undefined for an id that `writeCustomId` did not write. */
export function readCustomId(id: string): CustomId | undefined {
  const match = /^([^:]+):([^:]+)(?::(.+))?$/s.exec(id);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { action: match[1], subject: match[2], ...(match[3] !== undefined && { argument: match[3] }) };
}
