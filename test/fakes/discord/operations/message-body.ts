/** Turns the body of a request into what its message will say, and judges that before anything is stored. */
import type { APIAllowedMentions, APIEmbed } from 'discord.js';
import type { Component } from '../components.ts';
import { Refusal, refuseFaults } from '../errors.ts';
import { type Attachment, flags, type MessageContent, type StoredMessage } from '../messages.ts';
import type { UploadedFile } from '../rest/body.ts';
import { type AttachmentEntry, checkUploads } from '../rules/attachments.ts';
import { checkMessage, checkV2Stays, flagFaults, type MessagePlace } from '../rules/messages.ts';
import type { State } from '../state.ts';

/** The fields that creating and editing share. A field left out of an edit stays as it was; null empties it. */
export interface MessageBody {
  readonly content?: string | null;
  readonly embeds?: readonly APIEmbed[] | null;
  readonly components?: readonly Component[] | null;
  readonly attachments?: readonly AttachmentEntry[] | null;
  readonly allowed_mentions?: APIAllowedMentions | null;
  readonly flags?: number | null;
}

export interface MessageTarget {
  readonly channelId: string;
  readonly place: MessagePlace;
  /** Bytes that one file may have. */
  readonly uploadLimit: number;
  /** Flags that it has whatever the body says, such as those of a deferral. */
  readonly impliedFlags?: number;
}

/** Faults of `data` inside a callback carry that prefix; the rules know only the message. */
function prefixed<T>(prefix: readonly string[], judge: () => T): T {
  if (prefix.length === 0) return judge();
  try {
    return judge();
  } catch (error) {
    if (error instanceof Refusal) {
      refuseFaults(error.faults.map((fault) => ({ ...fault, path: [...prefix, ...fault.path] })));
    }
    throw error;
  }
}

function attach(
  state: State,
  { channelId }: MessageTarget,
  entries: readonly AttachmentEntry[],
  files: readonly UploadedFile[],
  before: readonly Attachment[],
  isEphemeral: boolean,
): Attachment[] {
  return entries.flatMap((entry): Attachment[] => {
    const kept = before.find(({ file }) => file.id === entry.id);
    if (kept) return [{ ...kept, description: entry.description ?? kept.description }];
    const upload = files.find(({ index }) => String(index) === entry.id);
    if (!upload) return [];
    const { contentType, bytes } = upload;
    const filename = (entry.filename ?? upload.filename).replaceAll(/[^\w.-]/g, '_');
    return [
      {
        file: state.cdn.store({ filename, contentType, bytes, channelId, ephemeral: isEphemeral }),
        description: entry.description ?? undefined,
        spoiler: entry.is_spoiler === true || filename.startsWith('SPOILER_'),
      },
    ];
  });
}

/**
 * What the message will say after the request.
 * @param before the message as it is, for an edit.
 * @param prefix where in the request's body the message stands.
 * @throws Refusal when Discord would not take it; nothing is stored then.
 */
export function composeMessage(
  state: State,
  target: MessageTarget,
  body: MessageBody,
  files: readonly UploadedFile[],
  before?: StoredMessage,
  prefix: readonly string[] = [],
): MessageContent {
  return prefixed(prefix, () => {
    const given = body.flags ?? 0;
    refuseFaults(flagFaults(given, target.place));
    if (before) checkV2Stays(before.flags, body.flags);
    const kept = before?.attachments ?? [];
    const entries = body.attachments ?? kept.map(({ file }): AttachmentEntry => ({ id: file.id }));
    checkUploads(files, entries, {
      existing: kept.map(({ file }) => file.id),
      limit: state.settings.uploadLimit ?? target.uploadLimit,
      oversizeCode: state.settings.oversizeCode,
    });
    const set = ((before?.flags ?? 0) & ~flags.loading) | (target.impliedFlags ?? 0) | given;
    const attachments = attach(state, target, entries, files, kept, (set & flags.ephemeral) !== 0);
    const message: MessageContent = {
      content: body.content === undefined ? (before?.content ?? '') : (body.content ?? ''),
      embeds: body.embeds === undefined ? (before?.embeds ?? []) : (body.embeds ?? []),
      components: body.components === undefined ? (before?.components ?? []) : (body.components ?? []),
      attachments,
      flags: set,
      allowedMentions: body.allowed_mentions ?? before?.allowedMentions,
    };
    try {
      checkMessage(message);
    } catch (error) {
      for (const { file } of attachments) if (!kept.some((old) => old.file.id === file.id)) state.cdn.remove(file.id);
      throw error;
    }
    return message;
  });
}
