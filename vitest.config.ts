import { configDefaults, defineConfig } from 'vitest/config';

import { builtModules } from './test/built.ts';
import { isLong } from './test/long.ts';

export default defineConfig(({ mode }) => ({
  plugins: mode === 'built' ? [builtModules] : [],
  test: {
    env: mode === 'built' ? { LUMIERE_TEST_BUILT: '1' } : {},
    // Node itself loads what was built.
    server: { deps: { external: [/^(?!.*\/node_modules\/).*\/dist\/.*\.js$/] } },
    include: ['test/**/*.test.ts'],
    // Suites that take minutes and whose short form stands beside them: `npm run test:long`.
    exclude: [...configDefaults.exclude, ...(isLong ? [] : ['test/**/*.long.test.ts'])],
    // Real ffmpeg and real weights on two cores: a slow machine is not a failing test.
    setupFiles: ['test/patient.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // Four at once on two cores, for much of a test is waiting for other processes; onnxruntime must not share a process across
    // isolated contexts.
    pool: 'forks',
    maxWorkers: 4,
  },
}));
