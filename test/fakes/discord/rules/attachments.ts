/** What Discord asks of uploaded files: each named in `attachments`, none twice, none over the size limit. */
import { apiErrors, type FormFault, formFault, Refusal, refuseFaults } from '../errors.ts';
import type { UploadedFile } from '../rest/body.ts';

/** An entry of a message's `attachments`. A new file's id is its n of `files[n]`; a kept one's is a snowflake. */
export interface AttachmentEntry {
  readonly id: string;
  readonly filename?: string | null;
  readonly description?: string | null;
  readonly is_spoiler?: boolean | null;
}

const MOST_FILES = 10;

export interface UploadContext {
  /** Ids of the attachments that the message already has. */
  readonly existing: readonly string[];
  /** Bytes that one file may have. */
  readonly limit: number;
  /** The code with which a file over the limit is refused: Discord uses both. */
  readonly oversizeCode: 40005 | 50045;
}

/** @throws Refusal 40005 or 50045 when a file is over the limit, 50035 when files and entries do not match. */
export function checkUploads(
  files: readonly UploadedFile[],
  entries: readonly AttachmentEntry[],
  { existing, limit, oversizeCode }: UploadContext,
): void {
  if (files.some(({ bytes }) => bytes.length > limit)) {
    throw new Refusal(oversizeCode === 40005 ? apiErrors.requestTooLarge : apiErrors.fileTooLarge);
  }
  const faults: FormFault[] = [];
  if (files.length > MOST_FILES) {
    faults.push(formFault(['files'], 'BASE_TYPE_BAD_LENGTH', `Must be ${MOST_FILES} or fewer in length.`));
  }
  const ids = entries.map(({ id }) => id);
  files.forEach(({ field, index }) => {
    if (index === undefined) {
      faults.push(formFault([field], 'UNKNOWN_FIELD', 'a file is sent as files[n]'));
    } else if (!ids.includes(String(index))) {
      faults.push(formFault(['attachments'], 'ATTACHMENT_MISSING', `${field} has no entry in attachments`));
    }
  });
  const uploaded = new Set(files.map(({ index }) => String(index)));
  ids.forEach((id, at) => {
    if (ids.indexOf(id) < at) {
      faults.push(formFault(['attachments', at, 'id'], 'ATTACHMENT_DUPLICATED', `attachment ${id} is named twice`));
    } else if (!uploaded.has(id) && !existing.includes(id)) {
      faults.push(formFault(['attachments', at, 'id'], 'ATTACHMENT_NOT_FOUND', `No attachment data found for ${id}`));
    }
  });
  refuseFaults(faults);
}
