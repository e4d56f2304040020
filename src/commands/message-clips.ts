/**
 * The clips that a message shows: attached videos and moving pictures, links to such files on Discord's hosts, and what
 * Discord itself plays from there, in forwarded messages too. Nothing is fetched here; what a file really is comes later.
 */
import { type DownloadRules, isFetchable } from '../discord/intake.ts';
import { isSurelyNoVideo } from '../policy/restore-policy.ts';

/** Where a clip lies and what Discord says of it. */
export interface ClipSource {
  readonly url: string;
  /** The file's name, as its member gave it. */
  readonly name: string;
  readonly bytes?: number | undefined;
  readonly contentType?: string | undefined;
}

/** What is looked at of an attachment, as discord.js has it. */
export interface AttachedFile {
  readonly url: string;
  readonly name: string;
  readonly size: number;
  readonly contentType: string | null;
}

interface Collected<Item> {
  readonly values: () => Iterable<Item>;
}

/** What is looked at of a message, or of one that it forwards. */
interface Shown {
  readonly content: string | null;
  readonly attachments: Collected<AttachedFile> | null;
  readonly embeds:
    readonly { readonly video: { readonly url: string; readonly proxyURL?: string | undefined } | null }[] | null;
}

export interface ShownMessage extends Shown {
  readonly messageSnapshots: Collected<Shown>;
}

/** Endings of files that may move. A link says nothing else of what lies behind it. */
const movingEnding = /\.(mp4|m4v|mov|webm|mkv|avi|wmv|flv|mpe?g|ts|3gp|3g2|ogv|gif|webp|apng)$/i;

/** A picture that stands still far more often than not is not offered, though it is looked at when it is chosen by hand. */
const stillTypes: ReadonlySet<string> = new Set(['image/png', 'image/avif']);

const addresses = /https?:\/\/[^\s<>"')\]]+/g;

export const clipOfAttachment = ({ url, name, size, contentType }: AttachedFile): ClipSource => ({
  url,
  name,
  bytes: size,
  contentType: contentType ?? undefined,
});

/** Each clip once, in the order in which the message shows them. */
export function clipsOf(message: ShownMessage, rules: DownloadRules): ClipSource[] {
  const found = [message, ...message.messageSnapshots.values()].flatMap((shown) => [
    ...attached(shown),
    ...linked(shown, rules),
    ...played(shown, rules),
  ]);
  const places = new Set<string>();
  return found.filter(({ url }) => {
    const place = placeOf(url);
    if (places.has(place)) return false;
    places.add(place);
    return true;
  });
}

/** One file has many signatures, and two hosts. */
function placeOf(url: string): string {
  return new URL(url).pathname;
}

function attached({ attachments }: Shown): ClipSource[] {
  return [...(attachments?.values() ?? [])].map(clipOfAttachment).filter(({ name, contentType }) => {
    if (contentType === undefined || contentType === 'application/octet-stream') return movingEnding.test(name);
    return !isSurelyNoVideo(contentType) && !stillTypes.has(contentType);
  });
}

function linked({ content }: Shown, rules: DownloadRules): ClipSource[] {
  return [...(content ?? '').matchAll(addresses)].flatMap(([url]) => {
    if (!isFetchable(url, rules)) return [];
    const name = nameIn(url);
    return movingEnding.test(name) ? [{ url, name }] : [];
  });
}

function played({ embeds }: Shown, rules: DownloadRules): ClipSource[] {
  return (embeds ?? []).flatMap(({ video }) => {
    const url = [video?.url, video?.proxyURL].find((one) => one !== undefined && isFetchable(one, rules));
    return url === undefined ? [] : [{ url, name: nameIn(url) }];
  });
}

/** The name of the file that an address leads to. */
export function nameIn(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
