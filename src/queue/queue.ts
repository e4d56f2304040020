/** The queue as the bot uses it. */
export type { ComparisonWish, JobQueue, Overview, QueueEntry, Standing, StoredFile } from './job-queue.ts';
export type { JobProgress } from './job.ts';
