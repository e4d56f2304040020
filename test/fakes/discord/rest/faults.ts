/**
 * Faults that a test plants: the request that gets a 502, the answer that is lost after the message was already made,
 * the connection that dies before anything happened.
 */

/** How long a slow one takes: milliseconds of real time, or until something has come that the test decides on. */
export type Delay = { readonly milliseconds: number } | { readonly until: Promise<unknown> };

export type RestFault =
  /** Answers with this status and does nothing. 5xx carry no JSON, as Discord's edge answers; 413 neither. */
  | { readonly kind: 'status'; readonly status: number }
  /** Answers with one of Discord's own refusals and does nothing. */
  | { readonly kind: 'refusal'; readonly status: number; readonly code: number; readonly message: string }
  /** Does what was asked, then answers with this status: the bot cannot know that it worked. */
  | { readonly kind: 'status after'; readonly status: number }
  /** Closes the connection before anything happened. */
  | { readonly kind: 'drop before' }
  /** Does what was asked and closes the connection instead of answering. */
  | { readonly kind: 'drop after' }
  /** Reads the request and answers as usual, but later. */
  | ({ readonly kind: 'slow' } & Delay)
  /**
   * Has the whole request at once and does what it asks later, whether or not anybody waits for the answer by then, as
   * Discord works on an upload.
   */
  | ({ readonly kind: 'slow to do' } & Delay)
  /** Runs the test's own code once the request has been served and before it is answered: to kill the bot there. */
  | { readonly kind: 'then'; readonly run: () => void | Promise<void> };

export interface RestFaults {
  /**
   * @param operation an operation's id such as `create_message`, or `*` for any.
   * @param times how many requests it meets; Infinity for all until removed.
   * @returns takes the fault away again.
   */
  readonly plant: (operation: string, fault: RestFault, times?: number) => () => void;
  /** The fault that a request meets now, used up. */
  readonly take: (operation: string) => RestFault | undefined;
}

/** @param known ids of the operations there are, to catch a misspelt one at once. */
export function createRestFaults(known: readonly string[]): RestFaults {
  const planted = new Set<{ operation: string; fault: RestFault; left: number }>();
  return {
    plant: (operation, fault, times = 1) => {
      if (operation !== '*' && !known.includes(operation)) {
        throw new Error(`no operation ${operation}; there are ${known.join(', ')}`);
      }
      const entry = { operation, fault, left: times };
      planted.add(entry);
      return () => {
        planted.delete(entry);
      };
    },
    take: (operation) => {
      for (const entry of planted) {
        if (entry.operation !== '*' && entry.operation !== operation) continue;
        entry.left -= 1;
        if (entry.left <= 0) planted.delete(entry);
        return entry.fault;
      }
      return undefined;
    },
  };
}
