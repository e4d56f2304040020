/**
 * A recipe of a network, for tests: one for the CPU, another elsewhere. Plain JavaScript, because a thread of the built
 * program reads no TypeScript.
 */
export function buildModel({ cpu, other }, provider) {
  if (cpu === undefined) throw new RangeError('no such factor');
  return provider === 'cpu' ? cpu : other;
}
