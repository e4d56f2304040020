/** A file on a member's disk, and what the client says of it once it is uploaded. */
import type { DownloadFault, StoredFile } from '../cdn.ts';
import type { Attachment } from '../messages.ts';
import type { State } from '../state.ts';
import { MemberError } from './member-error.ts';

export interface MemberFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** By the name's extension where it is not given. Nothing checks that it is true. */
  readonly contentType?: string;
  readonly width?: number;
  readonly height?: number;
  /** How every download of it goes wrong. */
  readonly fault?: DownloadFault;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  avi: 'video/x-msvideo',
  gif: 'image/gif',
  jpg: 'image/jpeg',
  mkv: 'video/x-matroska',
  mov: 'video/quicktime',
  mp4: 'video/mp4',
  png: 'image/png',
  txt: 'text/plain',
  webm: 'video/webm',
};

export const isMemberFile = (value: unknown): value is MemberFile =>
  typeof value === 'object' && value !== null && 'name' in value && 'bytes' in value;

/** @throws MemberError when the file is over what the member may upload. */
export function upload(
  state: State,
  member: { readonly username: string; readonly uploadLimit: number },
  channelId: string,
  file: MemberFile,
  isEphemeral: boolean,
): Attachment {
  if (file.bytes.length > member.uploadLimit) {
    throw new MemberError(
      member.username,
      `may not upload ${file.bytes.length} bytes; the limit is ${member.uploadLimit}`,
    );
  }
  const extension = /\.([^.]+)$/.exec(file.name)?.[1]?.toLowerCase() ?? '';
  const stored: StoredFile = state.cdn.store({
    filename: file.name,
    contentType: file.contentType ?? CONTENT_TYPES[extension] ?? 'application/octet-stream',
    bytes: Buffer.from(file.bytes),
    channelId,
    ephemeral: isEphemeral,
  });
  if (file.fault) state.cdn.plant(stored.id, file.fault);
  return {
    file: stored,
    description: undefined,
    spoiler: file.name.startsWith('SPOILER_'),
    ...(file.width !== undefined && { width: file.width }),
    ...(file.height !== undefined && { height: file.height }),
  };
}
