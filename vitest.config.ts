import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real ffmpeg and real weights on two cores: a slow machine is not a failing test.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 10_000 } },
    // Two processes at once on two cores; onnxruntime must not share a process across isolated contexts.
    pool: 'forks',
    maxWorkers: 2,
  },
});
