/**
 * The message of `/settings`, pure: what holds on the server, group by group, with a menu to change it; and the same message while
 * roles or a channel are being chosen.
 */
import {
  type APIComponentInContainer,
  ButtonStyle,
  ChannelType,
  ComponentType,
  SelectMenuDefaultValueType,
} from 'discord.js';

import { writeCustomId } from '../discord/custom-id.ts';
import { button, container, type Message, message, row, text } from '../discord/message.ts';
import { stamp } from '../discord/timestamps.ts';
import type { Translate } from '../locale.ts';
import { readRoleIds } from '../policy/asking.ts';
import { type GuildLimitName, type Limits, limitsFor } from '../policy/limits.ts';
import { readRoleQuotas, type RoleQuota } from '../policy/role-quotas.ts';
import type { GuildSettings } from '../store/rows.ts';
import { type OperatorLimits, type SettingsField, settingsFields } from './settings-fields.ts';

export interface PanelView {
  /** Undefined where nobody ever set anything. */
  readonly settings: GuildSettings | undefined;
  /** What the operator allows. */
  readonly operator: OperatorLimits;
  /** The sentence that says what has just happened. */
  readonly said?: string | undefined;
}

export function panelMessage(view: PanelView, t: Translate): Message {
  const { settings, said } = view;
  const by = settings?.updatedBy;
  const updated =
    by === undefined || by === null
      ? []
      : [text(`-# ${t('settings.updated', { who: by, when: stamp(settings!.updatedAt, 'R') })}`)];
  return message([
    container('busy', [
      text(`### ${t('settings.title')}`),
      ...groups(view, t).map(([title, lines]) => text([`**${title}**`, ...lines].join('\n'))),
      ...(said === undefined ? [] : [text(`*${said}*`)]),
      ...updated,
      row({
        type: ComponentType.StringSelect,
        custom_id: writeCustomId('settings', 'choose'),
        placeholder: t('settings.choose'),
        options: settingsFields.map((field) => ({ label: t(`settings.field.${field}`), value: field })),
      }),
      row(button(writeCustomId('settings-reset', 'ask'), t('settings.reset'))),
    ]),
  ]);
}

function groups({ settings, operator }: PanelView, t: Translate): [string, string[]][] {
  const line = (field: string, value: string): string =>
    `- ${t('settings.line', { name: t(`settings.field.${field}`), value })}`;
  const limits = limitsFor(operator, settings);
  const shown = (name: GuildLimitName, write: (value: number) => string): string => {
    const set = settings?.[name] ?? undefined;
    if (set === undefined) return `${write(limits[name])} (${t('settings.default')})`;
    if (set <= limits[name]) return write(set);
    return t('settings.counts-as', { value: write(set), held: write(limits[name]) });
  };
  const requests = (count: number): string => t('settings.requests', { count });
  const computing = (seconds: number): string => t('settings.computing', { seconds });
  const roles = (stored: unknown): string => {
    const ids = readRoleIds(stored);
    return ids.length === 0 ? t('settings.everybody') : ids.map((id) => `<@&${id}>`).join(' ');
  };
  const yesOrNo = (value: boolean): string => t(value ? 'settings.yes' : 'settings.no');
  const channel = settings?.logChannelId;
  return [
    [
      t('settings.who'),
      [line('restoreRoles', roles(settings?.restoreRoles)), line('animateRoles', roles(settings?.animateRoles))],
    ],
    [
      t('settings.limits'),
      [
        line('member', `${shown('userJobsPerDay', requests)}, ${shown('userComputeSecondsPerDay', computing)}`),
        line('server', `${shown('guildJobsPerDay', requests)}, ${shown('guildComputeSecondsPerDay', computing)}`),
        line(
          'clips',
          shown('maxClipSeconds', (seconds) => t('settings.seconds', { seconds })),
        ),
        ...quotaLines(readRoleQuotas(settings?.roleQuotas), operator, t),
      ],
    ],
    [
      t('settings.keeping'),
      [
        line('logChannelId', channel === undefined || channel === null ? t('settings.none') : `<#${channel}>`),
        line(
          'resultRetentionHours',
          shown('resultRetentionHours', (count) => t('settings.hours', { count })),
        ),
        line('logRetentionDays', keptDays(settings?.logRetentionDays ?? undefined, operator, t)),
      ],
    ],
    [
      t('settings.rules'),
      [
        line('artworksAllowed', yesOrNo(settings?.artworksAllowed ?? true)),
        line('reportHolds', yesOrNo(settings?.reportHolds ?? false)),
        line('ageRestrictedOnly', yesOrNo(settings?.ageRestrictedOnly ?? false)),
        ...(settings?.ageRestrictedOnly === true && !operator.ageRestrictedChannels
          ? [`  -# ${t('settings.age-restricted-off')}`]
          : []),
      ],
    ],
  ];
}

function keptDays(days: number | undefined, { logDays }: OperatorLimits, t: Translate): string {
  const write = (count: number): string => t('settings.days', { count });
  if (days === undefined) return `${write(logDays)} (${t('settings.default')})`;
  return days <= logDays ? write(days) : t('settings.counts-as', { value: write(days), held: write(logDays) });
}

function quotaLines(quotas: readonly RoleQuota[], operator: Limits, t: Translate): string[] {
  const held = (value: number, most: number, write: (amount: number) => string): string =>
    value <= most ? write(value) : t('settings.counts-as', { value: write(value), held: write(most) });
  return quotas.map(({ roleId, jobsPerDay: count, computeSecondsPerDay: seconds }) => {
    const parts = [
      ...(count === undefined
        ? []
        : [held(count, operator.userJobsPerDay, (most) => t('settings.requests', { count: most }))]),
      ...(seconds === undefined
        ? []
        : [held(seconds, operator.userComputeSecondsPerDay, (most) => t('settings.computing', { seconds: most }))]),
    ];
    return `- ${t('settings.line', { name: `<@&${roleId}>`, value: parts.join(', ') })}`;
  });
}

/** What is being chosen in place of the panel. */
export type Choice = 'restoreRoles' | 'animateRoles' | 'roleQuotas' | 'logChannelId' | 'reset';

export function choiceMessage(choice: Choice, settings: GuildSettings | undefined, t: Translate): Message {
  const back = button(writeCustomId('settings-back', choice), t('settings.back'));
  return message([
    container('waiting', [
      text(`### ${choice === 'reset' ? t('settings.reset') : t(`settings.field.${choice}`)}`),
      ...parts(choice, settings, t),
      row(...extraButtons(choice, t), back),
    ]),
  ]);
}

/** As many roles as Discord's menu takes. */
const mostRoles = 25;

function parts(choice: Choice, settings: GuildSettings | undefined, t: Translate): APIComponentInContainer[] {
  switch (choice) {
    case 'restoreRoles':
    case 'animateRoles':
      return [
        text(t('settings.ask.roles')),
        row({
          type: ComponentType.RoleSelect,
          custom_id: writeCustomId('settings-roles', choice),
          placeholder: t('settings.choose-roles'),
          min_values: 1,
          max_values: mostRoles,
          default_values: readRoleIds(settings?.[choice])
            .slice(0, mostRoles)
            .map((id) => ({ id, type: SelectMenuDefaultValueType.Role })),
        }),
      ];
    case 'roleQuotas':
      return [
        text(t('settings.ask.roleQuotas')),
        row({
          type: ComponentType.RoleSelect,
          custom_id: writeCustomId('settings-role', 'quota'),
          placeholder: t('settings.choose-role'),
        }),
      ];
    case 'logChannelId':
      return [
        text(t('settings.ask.logChannelId')),
        row({
          type: ComponentType.ChannelSelect,
          custom_id: writeCustomId('settings-channel', 'log'),
          placeholder: t('settings.choose-channel'),
          channel_types: [ChannelType.GuildText],
        }),
      ];
    case 'reset':
      return [text(t('settings.reset-sure'))];
  }
}

function extraButtons(choice: Choice, t: Translate) {
  switch (choice) {
    case 'restoreRoles':
    case 'animateRoles':
      return [button(writeCustomId('settings-everybody', choice), t('settings.for-everybody'))];
    case 'logChannelId':
      return [button(writeCustomId('settings-no-channel', 'log'), t('settings.no-channel'))];
    case 'reset':
      return [button(writeCustomId('settings-reset', 'do'), t('settings.reset-do'), ButtonStyle.Danger)];
    case 'roleQuotas':
      return [];
  }
}

/** Narrows what a menu says to a field of ours. */
export const isField = (value: string | undefined): value is SettingsField =>
  settingsFields.some((field) => field === value);
