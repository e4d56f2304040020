/**
 * Child process for tests, in place of one that tries a network: its driver aborts or hangs, as the network's name says.
 * Plain JavaScript, for it is started by what was built as well as by the sources.
 */
process.once('message', (/** @type {import('../../../src/engine/model/trial.ts').TrialRequest} */ { source }) => {
  if (source.id === 'abort') process.abort();
  setInterval(() => undefined, 1000);
});
