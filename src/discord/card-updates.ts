/** The progress messages: one editor for each request that is under way. */

export interface CardUpdates {
  /** Shows the request's progress from now on, in the message that its Reply names. Cheap to call twice. */
  readonly follow: (requestId: string) => void;
  /** Draws the card again soon, for a change that the queue does not tell of. */
  readonly refresh: (requestId: string) => void;
  /** Follows every request under way again, after a restart. */
  readonly resume: () => Promise<void>;
  readonly close: () => Promise<void>;
}
