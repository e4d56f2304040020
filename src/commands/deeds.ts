/** What moderators can do to a request, and what of it makes sense as it stands. */
import { faceOfAnother } from '../store/named-faces.ts';
import { shownStates } from '../store/request-states.ts';
import type { UsageDetail } from '../store/usage.ts';

export const deeds = [
  'hold',
  'release',
  'delete',
  'uphold',
  'dismiss',
  'block',
  'unblock',
  'block-picture',
  'unblock-picture',
  'allow-face',
] as const;
export type Deed = (typeof deeds)[number];

export const isDeed = (word: string | undefined): word is Deed => deeds.some((deed) => deed === word);

const ended: ReadonlySet<string> = new Set(['removed', 'refused', 'failed', 'cancelled']);

export function deedsFor({
  state,
  reports,
  isRequesterBlocked,
  inputHash,
  pictureBlock,
  code,
  actions,
}: Pick<
  UsageDetail,
  'state' | 'reports' | 'isRequesterBlocked' | 'inputHash' | 'pictureBlock' | 'code' | 'actions'
>): Deed[] {
  const isAllowed = actions.some(({ kind }) => kind === 'approve');
  const isReported = reports.some((report) => report.state === 'open');
  return [
    ...(shownStates.includes(state) ? ['hold' as const] : []),
    ...(state === 'held' ? ['release' as const] : []),
    ...(ended.has(state) ? [] : ['delete' as const]),
    ...(isReported ? (['uphold', 'dismiss'] as const) : []),
    ...(code === faceOfAnother && !isAllowed ? ['allow-face' as const] : []),
    isRequesterBlocked ? 'unblock' : 'block',
    ...(inputHash === null
      ? []
      : [pictureBlock === undefined ? ('block-picture' as const) : ('unblock-picture' as const)]),
  ];
}
