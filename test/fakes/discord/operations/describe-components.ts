/** Components as Discord gives them back: ids and defaults filled in, `attachment://` resolved to the file's address. */
import { ComponentType } from 'discord.js';
import { type Component, completed } from '../components.ts';
import type { Attachment, StoredMessage } from '../messages.ts';
import type { State } from '../state.ts';
import type { ApiObject } from '../world/describe.ts';

const SCHEME = 'attachment://';

function attachmentAt({ attachments }: StoredMessage, url: string): Attachment | undefined {
  if (!url.startsWith(SCHEME)) return undefined;
  return attachments.find(({ file }) => file.filename === url.slice(SCHEME.length));
}

function describeMedia({ cdn }: State, message: StoredMessage, { url }: { readonly url: string }): ApiObject {
  const file = attachmentAt(message, url)?.file;
  const address = file ? cdn.address(file) : url;
  return {
    id: file?.id ?? message.id,
    url: address,
    proxy_url: address,
    ...(file && { attachment_id: file.id, content_type: file.contentType }),
  };
}

function describeShown(state: State, message: StoredMessage, component: Component): ApiObject {
  const { type, media, items, file } = component;
  if (type === ComponentType.File && file) {
    const attached = attachmentAt(message, file.url)?.file;
    return {
      file: describeMedia(state, message, file),
      name: attached?.filename ?? null,
      size: attached?.bytes.length ?? null,
    };
  }
  if (items) {
    return {
      items: items.map((item) => ({
        description: null,
        spoiler: false,
        ...item,
        media: describeMedia(state, message, item.media),
      })),
    };
  }
  return media ? { media: describeMedia(state, message, media) } : {};
}

const describeOne = (state: State, message: StoredMessage, component: Component): ApiObject => ({
  ...component,
  ...describeShown(state, message, component),
  ...(component.components && {
    components: component.components.map((inner) => describeOne(state, message, inner)),
  }),
  ...(component.accessory && { accessory: describeOne(state, message, component.accessory) }),
});

export const describeComponents = (state: State, message: StoredMessage): ApiObject[] =>
  completed(message.components).map((component) => describeOne(state, message, component));
