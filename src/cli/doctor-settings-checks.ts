/** What `lumiere doctor` looks at of settings that name a place: whether this user may write there, read there, listen there. */
import { stat } from 'node:fs/promises';

import { type Config, ConfigError, metricsPorts } from '../config.ts';
import type { Translate } from '../locale.ts';
import { dataFolderFault } from '../store/data-folder.ts';
import type { Check } from './doctor-checks.ts';
import { sentenceOf } from './report-error.ts';

type Places = Pick<Config, 'dataDir' | 'redisUrl' | 'mirrorDir' | 'metricsHost' | 'metricsPort'>;

export async function examineSettings(config: Places, t: Translate): Promise<Check[]> {
  return [await examineData(config, t), ...(await examineMirror(config)), ...(await examineMetrics(config, t))];
}

/** Makes nothing: a data folder that is not there yet counts as where it would be made. */
async function examineData(config: Places, t: Translate): Promise<Check> {
  const fault = await dataFolderFault(config);
  if (fault !== undefined) return { id: 'data-folder', state: 'missing', params: { reason: sentenceOf(fault, t) } };
  return { id: 'data-folder', state: 'ok', params: { path: config.dataDir } };
}

/** Without it weights are fetched, if there is a network: no more than a `note`. */
async function examineMirror({ mirrorDir: path }: Places): Promise<Check[]> {
  if (path === undefined) return [];
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return [{ id: 'mirror', state: isFolder ? 'ok' : 'note', params: { path } }];
}

/** A port that is taken is the running bot's as a rule. */
async function examineMetrics(
  { metricsHost: host, metricsPort: port = metricsPorts.bot }: Places,
  t: Translate,
): Promise<Check[]> {
  if (port === 0) return [];
  const { tryToListen } = await import('../service/health-server.ts');
  const { withoutSecrets } = await import('../service/log.ts');
  try {
    const found = await tryToListen({ host, port });
    return [{ id: 'metrics', state: found === 'free' ? 'ok' : 'note', params: { host, port } }];
  } catch (error) {
    const reason =
      error instanceof ConfigError
        ? t('cli.setting', { setting: error.setting, expected: error.expected })
        : withoutSecrets(String(error));
    return [{ id: 'metrics', state: 'missing', params: { reason } }];
  }
}
