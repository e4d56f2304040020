/** Quotas that a guild gives to roles, as they stand in its settings. The most generous of a member's roles counts. */
import * as z from 'zod';

const amount = z.number().int().nonnegative();

const roleQuota = z.strictObject({
  roleId: z.string(),
  /** Absent: as for everybody. */
  jobsPerDay: amount.optional(),
  computeSecondsPerDay: amount.optional(),
});
export type RoleQuota = Readonly<z.output<typeof roleQuota>>;

/** As many as can be shown and chosen from. */
export const mostRoleQuotas = 20;

/** What stands in the row; what is no list of quotas gives nobody any. */
export function readRoleQuotas(stored: unknown): readonly RoleQuota[] {
  const read = z.array(roleQuota).safeParse(stored);
  return read.success ? read.data : [];
}

/**
 * What a member may use by their roles: of each quota the largest that one of their roles has, absent where none has one.
 * @param roles ids of the member's roles.
 */
export function quotaByRoles(
  quotas: readonly RoleQuota[],
  roles: readonly string[],
): { readonly jobsPerDay: number | undefined; readonly computeSecondsPerDay: number | undefined } {
  const own = quotas.filter(({ roleId }) => roles.includes(roleId));
  const largest = (name: 'jobsPerDay' | 'computeSecondsPerDay'): number | undefined => {
    const amounts = own.flatMap((quota) => quota[name] ?? []);
    return amounts.length === 0 ? undefined : Math.max(...amounts);
  };
  return { jobsPerDay: largest('jobsPerDay'), computeSecondsPerDay: largest('computeSecondsPerDay') };
}
