/** What a member and the server they stand in may still ask for within 24 hours, in lines under `/queue`. */
import type { BotServices } from '../discord/command.ts';
import { stamp } from '../discord/timestamps.ts';
import type { Translate } from '../locale.ts';
import { quotaLimits } from '../policy/quota.ts';
import { checkQuota, quotaUse } from '../store/quotas.ts';
import type { Asker } from './asker.ts';
import { limitsIn } from './limits-in.ts';

export async function allowanceLines(
  { id, guildId, roles }: Pick<Asker, 'id' | 'guildId' | 'roles'>,
  { db, limits: installation, now }: Pick<BotServices, 'db' | 'limits' | 'now'>,
  t: Translate,
): Promise<string[]> {
  const at = new Date(now());
  const limits = await limitsIn({ db, limits: installation }, guildId, roles);
  const left = async (
    say: (used: Record<string, number>) => string,
    whose: Parameters<typeof quotaUse>[1],
    jobs: number,
    seconds: number,
  ): Promise<string> => {
    const used = await quotaUse(db, whose, at);
    const leftSeconds = Math.max(0, Math.floor(seconds - used.seconds));
    return say({ left: Math.max(0, jobs - used.jobs), jobs, leftSeconds, seconds });
  };
  const ask = { userId: id, guildId: guildId ?? undefined, seconds: 0, limits: quotaLimits(limits), now: at };
  const next = await checkQuota(db, ask);
  return [
    await left(
      (used) => t('allowance.you', used),
      { userId: id },
      limits.userJobsPerDay,
      limits.userComputeSecondsPerDay,
    ),
    ...(guildId === null
      ? []
      : [
          await left(
            (used) => t('allowance.server', used),
            { guildId },
            limits.guildJobsPerDay,
            limits.guildComputeSecondsPerDay,
          ),
        ]),
    ...(next.granted || next.freesAt === undefined ? [] : [t('allowance.frees', { at: stamp(next.freesAt, 'R') })]),
  ];
}
