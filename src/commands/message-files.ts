/**
 * The clips or photographs that a message shows: attached files, links to such files on Discord's hosts, and what Discord
 * itself shows from there, in forwarded messages too. Nothing is fetched here; what a file really is comes later.
 */
import { type DownloadRules, isFetchable } from '../discord/intake.ts';
import { isSurelyNoPhoto } from '../policy/animate-policy.ts';
import { isSurelyNoVideo } from '../policy/restore-policy.ts';

/** Where a file lies and what Discord says of it. */
export interface FileSource {
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

interface Media {
  readonly url: string;
  readonly proxyURL?: string | undefined;
}

/** What is looked at of something that Discord shows by itself under a message. */
interface Embedded {
  readonly video?: Media | null;
  readonly image?: Media | null;
  readonly thumbnail?: Media | null;
}

/** What is looked at of a message, or of one that it forwards. */
interface Shown {
  readonly content: string | null;
  readonly attachments: Collected<AttachedFile> | null;
  readonly embeds: readonly Embedded[] | null;
}

export interface ShownMessage extends Shown {
  readonly messageSnapshots: Collected<Shown>;
}

/** What is looked for. */
interface Wanted {
  /** Endings of such files. A link says nothing else of what lies behind it. */
  readonly ending: RegExp;
  /** By what Discord says of an attachment; only asked when that says something. */
  readonly fits: (contentType: string) => boolean;
  readonly embedded: (embed: Embedded) => Media | null | undefined;
}

/** A picture that stands still far more often than not is not offered as a clip, though it is looked at when it is chosen by hand. */
const stillTypes: ReadonlySet<string> = new Set(['image/png', 'image/avif']);

const clips: Wanted = {
  ending: /\.(mp4|m4v|mov|webm|mkv|avi|wmv|flv|mpe?g|ts|3gp|3g2|ogv|gif|webp|apng)$/i,
  fits: (contentType) => !isSurelyNoVideo(contentType) && !stillTypes.has(contentType),
  embedded: ({ video }) => video,
};

const photos: Wanted = {
  ending: /\.(jpe?g|jfif|png|webp|avif|gif|heic|heif|tiff?)$/i,
  fits: (contentType) => !isSurelyNoPhoto(contentType),
  embedded: ({ video, image, thumbnail }) => (video ? undefined : (image ?? thumbnail)),
};

const addresses = /https?:\/\/[^\s<>"')\]]+/g;

export const sourceOf = ({ url, name, size, contentType }: AttachedFile): FileSource => ({
  url,
  name,
  bytes: size,
  contentType: contentType ?? undefined,
});

/** Each clip once, in the order in which the message shows them. */
export function clipsOf(message: ShownMessage, rules: DownloadRules): FileSource[] {
  return filesOf(message, clips, rules);
}

/** Each picture once, likewise. */
export function photosOf(message: ShownMessage, rules: DownloadRules): FileSource[] {
  return filesOf(message, photos, rules);
}

/** Everything that may have been made here: clips and pictures. */
export function mediaOf(message: ShownMessage, rules: DownloadRules): FileSource[] {
  const places = new Set<string>();
  return [...filesOf(message, clips, rules), ...filesOf(message, photos, rules)].filter(({ url }) => {
    const isNew = !places.has(placeOf(url));
    places.add(placeOf(url));
    return isNew;
  });
}

function filesOf(message: ShownMessage, wanted: Wanted, rules: DownloadRules): FileSource[] {
  const found = [message, ...message.messageSnapshots.values()].flatMap((shown) => [
    ...attached(shown, wanted),
    ...linked(shown, wanted, rules),
    ...embedded(shown, wanted, rules),
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

function attached({ attachments }: Shown, { ending, fits }: Wanted): FileSource[] {
  return [...(attachments?.values() ?? [])].map(sourceOf).filter(({ name, contentType }) => {
    if (contentType === undefined || contentType === 'application/octet-stream') return ending.test(name);
    return fits(contentType);
  });
}

function linked({ content }: Shown, { ending }: Wanted, rules: DownloadRules): FileSource[] {
  return [...(content ?? '').matchAll(addresses)].flatMap(([url]) => {
    if (!isFetchable(url, rules)) return [];
    const name = nameIn(url);
    return ending.test(name) ? [{ url, name }] : [];
  });
}

function embedded({ embeds }: Shown, wanted: Wanted, rules: DownloadRules): FileSource[] {
  return (embeds ?? []).flatMap((embed) => {
    const media = wanted.embedded(embed);
    const url = [media?.url, media?.proxyURL].find((one) => one !== undefined && isFetchable(one, rules));
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
