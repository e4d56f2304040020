/** Child process for tests, in place of one that tries a network: its driver aborts or hangs, as the network's name says. */
import type { TrialRequest } from '../../../src/engine/model/trial.ts';

process.once('message', ({ source }: TrialRequest) => {
  if (source.id === 'abort') process.abort();
  setInterval(() => undefined, 1000);
});
