/** A message with a file, as Discord takes it. */
import { openAsBlob } from 'node:fs';

export interface UploadedFile {
  readonly path: string;
  readonly mediaType: string;
  readonly name: string;
  readonly isSpoiler?: boolean;
}

export interface UploadForm {
  readonly body: FormData;
  readonly passThroughBody: true;
}

/**
 * What discord.js's REST client sends for a message with one file. The file is read from the disk while it is sent: a result of
 * a hundred megabytes never lies in memory. Rejects when there is no file at `path`.
 */
export async function uploadForm(
  said: object,
  { path, mediaType, name, isSpoiler }: UploadedFile,
): Promise<UploadForm> {
  const attachments = [{ id: '0', filename: name, ...(isSpoiler !== undefined && { is_spoiler: isSpoiler }) }];
  const body = new FormData();
  body.set('payload_json', JSON.stringify({ ...said, attachments }));
  body.set('files[0]', await openAsBlob(path, { type: mediaType }), name);
  return { body, passThroughBody: true };
}
