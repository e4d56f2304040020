/** Which clips a message shows: attached, linked, played, forwarded; each once, and nothing that is not on Discord's hosts. */
import { describe, expect, it } from 'vitest';

import { type AttachedFile, clipsOf, photosOf, type ShownMessage } from '../../src/commands/message-files.ts';

const rules = { hosts: ['cdn.discordapp.com', 'media.discordapp.net'], testHosts: [] };
const cdn = 'https://cdn.discordapp.com/attachments/1/2';

const attachment = (name: string, contentType: string | null): AttachedFile => ({
  url: `${cdn}/${name}?ex=1&hm=2`,
  name,
  size: 5,
  contentType,
});

type Embed = NonNullable<ShownMessage['embeds']>[number];
const played = (url: string, proxyURL?: string): Embed => ({ video: { url, proxyURL } });

interface Parts {
  readonly content?: string;
  readonly files?: AttachedFile[];
  readonly embeds?: Embed[];
  readonly forwarded?: ShownMessage[];
}
const shown = ({ content = '', files = [], embeds = [], forwarded = [] }: Parts): ShownMessage => ({
  content,
  attachments: files,
  embeds,
  messageSnapshots: forwarded,
});

const names = (parts: Parts): string[] => clipsOf(shown(parts), rules).map(({ name }) => name);

describe('attachments', () => {
  it.each([
    ['film.mp4', 'video/mp4', true],
    ['loop.gif', 'image/gif', true],
    ['loop.webp', 'image/webp', true],
    ['photo.jpg', 'image/jpeg', false],
    ['photo.png', 'image/png', false],
    ['song.mp3', 'audio/mpeg', false],
    ['old.mkv', 'application/octet-stream', true],
    ['old.bin', 'application/octet-stream', false],
    ['film.mov', null, true],
    ['notes', null, false],
  ])('%s of type %s: %s', (name, type, isOffered) => {
    expect(names({ files: [attachment(name, type)] })).toEqual(isOffered ? [name] : []);
  });

  it('come with what Discord says of them', () => {
    expect(clipsOf(shown({ files: [attachment('film.mp4', 'video/mp4')] }), rules)).toEqual([
      { url: `${cdn}/film.mp4?ex=1&hm=2`, name: 'film.mp4', bytes: 5, contentType: 'video/mp4' },
    ]);
  });
});

describe('links', () => {
  it.each([
    [`look: ${cdn}/film.mp4?ex=1&is=2&hm=3& nice`, ['film.mp4']],
    [`<${cdn}/film.webm>`, ['film.webm']],
    [`[here](${cdn}/a%20film.mov)`, ['a film.mov']],
    [`${cdn}/photo.jpg`, []],
    ['https://example.org/film.mp4', []],
    ['http://cdn.discordapp.com/attachments/1/2/film.mp4', []],
    ['https://cdn.discordapp.com.example.org/film.mp4', []],
    ['https://user@cdn.discordapp.com/film.mp4', []],
    ['https://cdn.discordapp.com:8443/film.mp4', []],
    [`${cdn}/%E0%A4%A.mp4`, ['%E0%A4%A.mp4']],
  ])('%s', (content, expected) => {
    expect(names({ content })).toEqual(expected);
  });
});

describe('what Discord plays', () => {
  it('from its own hosts, or through its proxy there', () => {
    const embeds = [
      played(`${cdn}/one.mp4`),
      played('https://example.org/two.mp4', 'https://media.discordapp.net/external/x/https/example.org/two.mp4'),
      played('https://example.org/three.mp4', 'https://images-ext-1.discordapp.net/three.mp4'),
    ];
    expect(names({ embeds })).toEqual(['one.mp4', 'two.mp4']);
  });
});

it('one file is one clip, whether attached, linked or played', () => {
  const content = `${cdn}/film.mp4?ex=9 and ${cdn}/other.mp4`;
  expect(names({ content, files: [attachment('film.mp4', 'video/mp4')], embeds: [played(`${cdn}/film.mp4`)] })).toEqual(
    ['film.mp4', 'other.mp4'],
  );
});

it('a forwarded message shows its clips', () => {
  const inner = shown({ content: `${cdn}/second.mp4`, files: [attachment('first.gif', 'image/gif')] });
  expect(names({ forwarded: [inner] })).toEqual(['first.gif', 'second.mp4']);
});

describe('photographs', () => {
  it.each([
    ['photo.jpg', 'image/jpeg', true],
    ['photo.avif', null, true],
    ['photo.bmp', 'image/bmp', false],
    ['photo.bmp', null, false],
    ['drawing.svg', 'image/svg+xml', false],
    ['film.mp4', 'video/mp4', false],
  ])('%s of type %s: %s', (name, type, isOffered) => {
    const found = photosOf(shown({ files: [attachment(name, type)] }), rules).map((file) => file.name);
    expect(found).toEqual(isOffered ? [name] : []);
  });
});
