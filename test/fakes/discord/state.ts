/** Everything the parts of the server share. */
import type { Cdn } from './cdn.ts';
import type { Changes } from './changes.ts';
import type { Clock } from './clock.ts';
import type { Commands } from './commands.ts';
import type { Interactions } from './interactions.ts';
import type { Messages } from './messages.ts';
import type { ApiObject } from './world/describe.ts';
import type { World } from './world/world.ts';

/** What a test may set, each with Discord's usual value. */
export interface Settings {
  /** Code of the refusal of a file over the limit; Discord uses both. */
  oversizeCode: 40005 | 50045;
  /** Bytes a file may have on every route, whatever was promised; undefined: what guild and member have paid for. */
  uploadLimit: number | undefined;
  /** Edits an hour of a message older than one hour. */
  lateEdits: number;
  /**
   * Milliseconds that a first answer may take: Discord's three seconds. Longer for tests of other things, which a machine
   * under load must not fail.
   */
  acknowledgeWithin: number;
  /** Privileged intents that the application was granted, as bits. */
  privilegedIntents: number;
}

/** Sends an event to every gateway session that asked for this kind. */
export type Dispatch = (event: string, data: ApiObject) => void;

export interface State {
  readonly token: string;
  readonly applicationId: string;
  readonly clock: Clock;
  readonly nextId: () => string;
  readonly settings: Settings;
  readonly world: World;
  readonly messages: Messages;
  readonly interactions: Interactions;
  readonly commands: Commands;
  readonly cdn: Cdn;
  readonly changes: Changes;
  readonly dispatch: Dispatch;
  readonly gatewayAddress: () => string;
}
