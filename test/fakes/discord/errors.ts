/**
 * How Discord says no: an HTTP status and a JSON body with a numeric code, and for a malformed form a tree of the
 * fields at fault (code 50035). Codes and sentences as in Discord's list of JSON error codes.
 */

export interface ApiError {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

export const apiErrors = {
  notFound: { status: 404, code: 0, message: '404: Not Found' },
  methodNotAllowed: { status: 405, code: 0, message: '405: Method Not Allowed' },
  unauthorized: { status: 401, code: 0, message: '401: Unauthorized' },
  unknownApplication: { status: 404, code: 10002, message: 'Unknown Application' },
  unknownChannel: { status: 404, code: 10003, message: 'Unknown Channel' },
  unknownGuild: { status: 404, code: 10004, message: 'Unknown Guild' },
  unknownMember: { status: 404, code: 10007, message: 'Unknown Member' },
  unknownMessage: { status: 404, code: 10008, message: 'Unknown Message' },
  unknownUser: { status: 404, code: 10013, message: 'Unknown User' },
  unknownWebhook: { status: 404, code: 10015, message: 'Unknown Webhook' },
  unknownInteraction: { status: 404, code: 10062, message: 'Unknown interaction' },
  unknownCommand: { status: 404, code: 10063, message: 'Unknown application command' },
  tooManyCommands: { status: 400, code: 30032, message: 'Maximum number of application commands reached (100)' },
  tooManyOldEdits: {
    status: 429,
    code: 30046,
    message: 'Maximum number of edits to messages older than 1 hour reached. Try again later',
  },
  requestTooLarge: { status: 413, code: 40005, message: 'Request entity too large' },
  alreadyAcknowledged: { status: 400, code: 40060, message: 'Interaction has already been acknowledged.' },
  missingAccess: { status: 403, code: 50001, message: 'Missing Access' },
  notYourMessage: { status: 403, code: 50005, message: 'Cannot edit a message authored by another user' },
  emptyMessage: { status: 400, code: 50006, message: 'Cannot send an empty message' },
  directMessagesClosed: { status: 403, code: 50007, message: 'Cannot send messages to this user' },
  missingPermissions: { status: 403, code: 50013, message: 'Missing Permissions' },
  invalidWebhookToken: { status: 401, code: 50027, message: 'Invalid Webhook Token' },
  invalidForm: { status: 400, code: 50035, message: 'Invalid Form Body' },
  fileTooLarge: { status: 400, code: 50045, message: 'File uploaded exceeds the maximum size' },
  invalidJson: { status: 400, code: 50109, message: 'The request body contains invalid JSON.' },
  noMutualGuilds: {
    status: 403,
    code: 50278,
    message: 'Cannot send messages to this user due to having no mutual guilds',
  },
  cannotReplyUnread: {
    status: 400,
    code: 160002,
    message: 'Cannot reply without permission to read message history',
  },
} as const satisfies Record<string, ApiError>;

/** One field of a form at fault: where it stands in the body, Discord's short code for the fault, and a sentence. */
export interface FormFault {
  readonly path: readonly (string | number)[];
  readonly code: string;
  readonly message: string;
}

export const formFault = (path: readonly (string | number)[], code: string, message: string): FormFault => ({
  path,
  code,
  message,
});

/** Thrown by anything that serves a request; becomes the answer. */
export class Refusal extends Error {
  readonly api: ApiError;
  readonly faults: readonly FormFault[];

  constructor(api: ApiError, faults: readonly FormFault[] = []) {
    super([api.message, ...faults.map(({ path, message }) => `${path.join('.')}: ${message}`)].join('; '));
    this.name = 'Refusal';
    this.api = api;
    this.faults = faults;
  }
}

/** @throws Refusal with code 50035 when there is any fault. */
export function refuseFaults(faults: readonly FormFault[]): void {
  if (faults.length > 0) throw new Refusal(apiErrors.invalidForm, faults);
}

interface ErrorTree {
  _errors?: { code: string; message: string }[];
  [key: string]: ErrorTree | { code: string; message: string }[] | undefined;
}

/** The JSON body of a refusal, with faults nested under the names of their fields as Discord nests them. */
export function refusalBody({ api, faults }: Refusal): { code: number; message: string; errors?: ErrorTree } {
  const { code, message } = api;
  if (faults.length === 0) return { code, message };
  const errors: ErrorTree = {};
  for (const fault of faults) {
    let node = errors;
    for (const key of fault.path) node = (node[String(key)] ??= {}) as ErrorTree;
    (node._errors ??= []).push({ code: fault.code, message: fault.message });
  }
  return { code, message, errors };
}
