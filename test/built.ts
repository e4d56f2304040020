/**
 * Sources or what was built of them: `npm test` builds the program first and tests what was built (`vitest run --mode
 * built`), which is what people run and starts several times faster, its threads and processes above all. Without that
 * mode a test takes the sources as they are.
 */
import { join, resolve, sep } from 'node:path';

const root = join(import.meta.dirname, '..');
const sources = join(root, 'src') + sep;

/** Whether this run tests what was built. */
export const isBuilt = process.env['LUMIERE_TEST_BUILT'] === '1';

/** Path of what was built of a module of `src`; undefined for any other file. */
export function builtOf(path: string): string | undefined {
  if (!path.startsWith(sources) || !path.endsWith('.ts')) return undefined;
  return join(root, 'dist', path.slice(sources.length).replace(/\.ts$/, '.js'));
}

/** Words for Node that start a program of `src`, as `cli.ts`. */
export function programWords(name: string): string[] {
  const source = join(sources, name);
  return isBuilt ? [builtOf(source)!] : ['--import', 'tsx', source];
}

/** For vitest: what a test imports from `src` is what was built. */
export const builtModules = {
  name: 'built-modules',
  enforce: 'pre' as const,
  resolveId: (wanted: string, importer?: string): string | undefined =>
    importer === undefined || !wanted.startsWith('.') ? undefined : builtOf(resolve(importer, '..', wanted)),
};
