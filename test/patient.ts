/**
 * For every test file: ffmpeg and ffprobe may be slow to begin beside all else that a test run does, and a sound clip is not
 * given up for that. What is given up, and when, has tests with limits of their own.
 */
import { defaultLimits } from '../src/engine/media/limits.ts';

/** As the program has them. */
export const shippedLimits = { ...defaultLimits };

Object.assign(defaultLimits, { probeMs: 60_000, stallMs: 60_000 });
