/** What `lumiere doctor` looks at of the identity: who signs results, and until when. */
import { join } from 'node:path';

import type { Config } from '../config.ts';
import { LumiereError } from '../engine/errors.ts';
import { expiresSoon, inspectIdentity } from '../engine/provenance/identity.ts';
import type { Translate } from '../locale.ts';
import type { Check } from './doctor-checks.ts';
import { sentenceOf } from './report-error.ts';

/** Makes nothing: an identity that is not there yet is a `note`. One that cannot sign is `missing`. */
export async function examineIdentity(
  { dataDir, certificate }: Pick<Config, 'dataDir' | 'certificate'>,
  t: Translate,
  now: number,
): Promise<Check[]> {
  try {
    const found = await inspectIdentity(join(dataDir, 'keys'), certificate, now);
    if (found === undefined) return [{ id: 'own-identity', state: 'note', params: {} }];
    const { name, signedBy, expiresAt } = found;
    const state = signedBy === 'operator' && expiresSoon(expiresAt, now) ? 'note' : 'ok';
    const id = signedBy === 'operator' ? 'identity' : 'own-identity';
    return [{ id, state, params: { name, day: expiresAt.toISOString().slice(0, 10) } }];
  } catch (error) {
    if (!(error instanceof LumiereError)) throw error;
    return [{ id: 'identity', state: 'missing', params: { reason: sentenceOf(error, t) } }];
  }
}
