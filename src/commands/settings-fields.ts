/** What a guild can set, in the order in which it is shown: the fields of its menu, and the numbers that a form asks for. */
import type { Limits } from '../policy/limits.ts';

export const settingsFields = [
  'restoreRoles',
  'animateRoles',
  'member',
  'server',
  'clips',
  'roleQuotas',
  'logChannelId',
  'keeping',
  'artworksAllowed',
  'reportHolds',
  'ageRestrictedOnly',
] as const;
export type SettingsField = (typeof settingsFields)[number];

export const roleFields = ['restoreRoles', 'animateRoles'] as const;
export const switchFields = ['artworksAllowed', 'reportHolds', 'ageRestrictedOnly'] as const;
export const numberFields = ['member', 'server', 'clips', 'keeping'] as const;
export type NumberField = (typeof numberFields)[number];

/** A number as it is written into a form. */
export interface NumberInput<Name extends string> {
  readonly name: Name;
  /** Of the row's figure, what one in the form stands for: minutes of computing are kept as seconds. */
  readonly unit: number;
  readonly least: number;
}

export type NumberName =
  | 'userJobsPerDay'
  | 'userComputeSecondsPerDay'
  | 'guildJobsPerDay'
  | 'guildComputeSecondsPerDay'
  | 'maxClipSeconds'
  | 'resultRetentionHours'
  | 'logRetentionDays';

const jobs = <Name extends NumberName>(name: Name): NumberInput<Name> => ({ name, unit: 1, least: 0 });
const minutes = <Name extends NumberName>(name: Name): NumberInput<Name> => ({ name, unit: 60, least: 0 });

export const numberInputs: Readonly<Record<NumberField, readonly NumberInput<NumberName>[]>> = {
  member: [jobs('userJobsPerDay'), minutes('userComputeSecondsPerDay')],
  server: [jobs('guildJobsPerDay'), minutes('guildComputeSecondsPerDay')],
  clips: [{ name: 'maxClipSeconds', unit: 1, least: 1 }],
  keeping: [
    { name: 'resultRetentionHours', unit: 1, least: 1 },
    { name: 'logRetentionDays', unit: 1, least: 1 },
  ],
};

export const roleQuotaInputs = [
  { name: 'jobsPerDay', unit: 1, least: 0 },
  { name: 'computeSecondsPerDay', unit: 60, least: 0 },
] as const satisfies readonly NumberInput<string>[];

/** What the operator allows, and for how many days they keep the log whatever a guild says. */
export type OperatorLimits = Limits & { readonly logDays: number };

/** The most that the form takes, in its own unit: what the operator allows. */
export function mostOf(name: NumberName | (typeof roleQuotaInputs)[number]['name'], operator: OperatorLimits): number {
  switch (name) {
    case 'logRetentionDays':
      return operator.logDays;
    case 'jobsPerDay':
      return operator.userJobsPerDay;
    case 'computeSecondsPerDay':
    case 'userComputeSecondsPerDay':
      return Math.floor(operator.userComputeSecondsPerDay / 60);
    case 'guildComputeSecondsPerDay':
      return Math.floor(operator.guildComputeSecondsPerDay / 60);
    case 'userJobsPerDay':
    case 'guildJobsPerDay':
    case 'maxClipSeconds':
    case 'resultRetentionHours':
      return operator[name];
  }
}
