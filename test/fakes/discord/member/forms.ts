/** A form (modal) filled in: what the client insists on, and the interaction it sends. */
import { ComponentType } from 'discord.js';
import { type Component, completed } from '../components.ts';
import type { Modal } from '../interactions.ts';
import { describeAttachment } from '../operations/describe-message.ts';
import type { ApiObject } from '../world/describe.ts';
import { uploadLimitOf } from './ask.ts';
import type { FillIn } from './commands.ts';
import { isMemberFile, type MemberFile, upload } from './file.ts';
import { MemberError } from './member-error.ts';

export type FormValue = string | readonly string[] | MemberFile | readonly MemberFile[];
/** By `custom_id` of the field. */
export type FormValues = Readonly<Record<string, FormValue>>;

const MOST_TEXT = 4000;

function texts(fillIn: FillIn, field: Component, value: FormValue | undefined): string[] {
  const given = value === undefined ? [] : typeof value === 'string' ? [value] : value;
  if (!Array.isArray(given) || !given.every((one) => typeof one === 'string')) {
    throw new MemberError(fillIn.user.username, `must choose texts for ${field.custom_id ?? ''}`);
  }
  return given;
}

function fillText(fillIn: FillIn, field: Component, value: FormValue | undefined): ApiObject {
  const [text = field.value ?? ''] = texts(fillIn, field, value);
  const { min_length: least = 0, max_length: most = MOST_TEXT, required = true } = field;
  const isShort = text.length < least && (required || text.length > 0);
  if ((required && text === '') || isShort || text.length > most) {
    throw new MemberError(
      fillIn.user.username,
      `must write ${Math.max(least, required ? 1 : 0)} to ${most} characters for ${field.custom_id ?? ''}`,
    );
  }
  return { value: text };
}

function checkCount({ user }: FillIn, field: Component, count: number): void {
  const { min_values: least = 1, max_values: most = 1, required = true } = field;
  if (count === 0 && !required) return;
  if (count < least || count > most) {
    throw new MemberError(
      user.username,
      `must choose ${least} to ${most} for ${field.custom_id ?? ''} but chose ${count}`,
    );
  }
}

function fillFiles(
  fillIn: FillIn,
  field: Component,
  value: FormValue | undefined,
  attachments: Record<string, ApiObject>,
): ApiObject {
  const { state, user, channel } = fillIn;
  const given: readonly unknown[] =
    value === undefined ? [] : Array.isArray(value) ? (value as readonly unknown[]) : [value];
  checkCount(fillIn, field, given.length);
  const uploader = { username: user.username, uploadLimit: uploadLimitOf(state, user, channel) };
  const ids = given.map((file) => {
    if (!isMemberFile(file)) throw new MemberError(user.username, `must choose files for ${field.custom_id ?? ''}`);
    const attachment = upload(state, uploader, channel.id, file, true);
    attachments[attachment.file.id] = describeAttachment(state, attachment);
    return attachment.file.id;
  });
  return { values: ids };
}

function fillSelect(fillIn: FillIn, field: Component, value: FormValue | undefined): ApiObject {
  const chosen = texts(fillIn, field, value);
  checkCount(fillIn, field, chosen.length);
  const offered = (field.options ?? []).map((option) => option.value);
  const unknown = chosen.find((one) => field.type === ComponentType.StringSelect && !offered.includes(one));
  if (unknown !== undefined)
    throw new MemberError(fillIn.user.username, `is not offered ${unknown} for ${field.custom_id ?? ''}`);
  return { values: chosen };
}

/**
 * The data of the interaction that submits a form.
 * @throws MemberError for what the client would not send: a field left empty, too long, or unknown.
 */
export function formData(fillIn: FillIn, modal: Modal, values: FormValues): ApiObject {
  const attachments: Record<string, ApiObject> = {};
  const known: string[] = [];
  const fillField = (field: Component): ApiObject => {
    const customId = field.custom_id ?? '';
    known.push(customId);
    const value = values[customId];
    const filled =
      field.type === ComponentType.TextInput
        ? fillText(fillIn, field, value)
        : field.type === ComponentType.FileUpload
          ? fillFiles(fillIn, field, value, attachments)
          : fillSelect(fillIn, field, value);
    return { type: field.type, id: field.id, custom_id: customId, ...filled };
  };
  const components = completed(modal.components).map(({ type, id, component, components: inner = [] }): ApiObject => ({
    type,
    id,
    ...(component && { component: fillField(component) }),
    ...(type === ComponentType.ActionRow && { components: inner.map(fillField) }),
  }));
  const unknown = Object.keys(values).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new MemberError(fillIn.user.username, `is not asked for ${unknown} in ${modal.title}`);
  return {
    custom_id: modal.custom_id,
    components,
    resolved: Object.keys(attachments).length > 0 ? { attachments } : {},
  };
}
