/** Right pieces of requests; each takes what a test makes wrong about it. */
import { ButtonStyle, ComponentType, MessageFlags } from 'discord.js';
import type { RawFile } from './raw-client.ts';

export const slash = (extra: object = {}): object => ({ name: 'restore', type: 1, description: 'Restores', ...extra });
export const text = (name: string, extra: object = {}): object => ({
  type: 3,
  name,
  description: 'An option',
  ...extra,
});
export const many = (count: number, of: (at: number) => object): object[] =>
  Array.from({ length: count }, (_, at) => of(at));
export const choice = (at: number): object => ({ name: `choice ${at}`, value: `${at}` });
export const row = (...components: object[]): object => ({ type: ComponentType.ActionRow, components });
export const button = (extra: object = {}): object => ({
  type: ComponentType.Button,
  style: ButtonStyle.Primary,
  label: 'Cancel',
  custom_id: 'cancel',
  ...extra,
});
export const link = (extra: object = {}): object => ({
  type: ComponentType.Button,
  style: ButtonStyle.Link,
  label: 'Go',
  url: 'https://example.org',
  ...extra,
});
export const select = (extra: object = {}): object => ({
  type: ComponentType.StringSelect,
  custom_id: 'look',
  options: [{ label: 'a', value: 'a' }],
  ...extra,
});
export const buttons = (count: number, prefix = 'b'): object[] =>
  many(count, (at) => button({ custom_id: `${prefix}${at}` }));
export const say = (content: string): object => ({ type: ComponentType.TextDisplay, content });
export const v2 = (...components: object[]): object => ({ flags: MessageFlags.IsComponentsV2, components });
export const file = (at: number, size = 10): RawFile => ({
  field: `files[${at}]`,
  name: `f${at}.mp4`,
  bytes: new Uint8Array(size),
});
export const entry = (at: number, extra: object = {}): object => ({ id: String(at), filename: `f${at}.mp4`, ...extra });
export const shown = (url: string): object => ({ type: ComponentType.MediaGallery, items: [{ media: { url } }] });

export const label = (component: object, extra: object = {}): object => ({
  type: ComponentType.Label,
  label: 'Why?',
  component,
  ...extra,
});
export const input = (extra: object = {}): object => ({
  type: ComponentType.TextInput,
  custom_id: 'why',
  style: 1,
  ...extra,
});
export const form = (extra: object = {}): object => ({
  type: 9,
  data: { custom_id: 'form', title: 'Report', components: [label(input())], ...extra },
});
