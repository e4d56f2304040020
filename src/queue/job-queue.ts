/** What the rest of the bot sees of the queue. */
import type { JsonObject } from '../store/rows.ts';
import type { Findings } from './findings.ts';
import type { JobProgress } from './job.ts';
import type { Verification } from './verification.ts';
import type { LiveWorker } from './workers.ts';

/** Where a request stands. */
export interface Standing {
  readonly state: 'waiting' | 'running';
  /** 1 is the next to start; absent while it runs. */
  readonly place?: number;
  /** Absent while no worker is there to say. */
  readonly startsAt?: Date;
  readonly endsAt?: Date;
  readonly progress?: JobProgress;
  /** False when nothing can run at present, because no worker is alive. */
  readonly hasWorker: boolean;
}

export interface QueueEntry extends Standing {
  readonly requestId: string;
  readonly userId: string;
  readonly guildId: string | null;
}

/** Everything that runs, then everything that waits in the order it will start. */
export interface Overview {
  readonly entries: readonly QueueEntry[];
  readonly workers: readonly LiveWorker[];
}

export interface ComparisonWish {
  readonly maxBytes: number;
  /** Words over the two sides, in the asker's language. */
  readonly labels: readonly [string, string];
}

export interface StoredFile {
  readonly sha256: string;
  readonly bytes: number;
}

export interface RefittedFile extends StoredFile {
  /** The request's outcome with what was given up now: see outcome.ts. */
  readonly outcome?: JsonObject;
}

export interface JobQueue {
  /**
   * Wakes the dispatcher: a request waits now, or its delivery waits for a smaller encoding (`askRefit`). Nothing is lost
   * when nobody calls it; it only takes some seconds longer.
   */
  submitted(requestId: string): void;
  /**
   * Stops a request, whatever it is doing. `asked`: it runs, and ends within two seconds where its worker is alive. One that was
   * stopped in its row alone is `too-late`, and whoever works on it hears of it.
   */
  cancel(requestId: string, actor: string): Promise<'cancelled' | 'asked' | 'too-late'>;
  /** Undefined when the request neither waits nor runs. At most a second old. */
  standing(requestId: string): Promise<Standing | undefined>;
  overview(): Promise<Overview>;
  /**
   * Looks at the photograph of a request that is being taken in, and what shall move it; a picture of it with its faces
   * numbered is kept with the request. Rejects with a LumiereError (what is wrong with the files, that there is no face) or
   * a QueueProblem.
   */
  look(requestId: string): Promise<Findings>;
  /**
   * Encodes a request's result again, to at most `maxBytes`, and puts it into the media store; nothing is written down.
   * Deliveries that wait for one need not ask: see `submitted`. Asking twice is asking once. Rejects with a LumiereError,
   * `output.size-unreachable` among them, or a QueueProblem.
   */
  refit(requestId: string, maxBytes: number): Promise<RefittedFile>;
  /** Input and result side by side, kept with the request: made once. Rejects with a LumiereError or a QueueProblem. */
  compare(requestId: string, wish: ComparisonWish): Promise<StoredFile>;
  /** One frame of the result, for moderators, kept with the request. Rejects with a LumiereError or a QueueProblem. */
  picture(requestId: string): Promise<StoredFile>;
  /** Whether a file in the media store was made here: its marks and what the log knows. Rejects likewise. */
  verify(id: string, sha256: string): Promise<Verification>;
  /** Both return what takes the listener off again. */
  onProgress(listener: (requestId: string, progress: JobProgress) => void): () => void;
  /** Told when a request has left the queue: finished, failed or cancelled; and when its smaller encoding has ended. */
  onEnded(listener: (requestId: string) => void): () => void;
  /** True while Redis answers; for health checks. */
  isConnected(): boolean;
  close(): Promise<void>;
}
