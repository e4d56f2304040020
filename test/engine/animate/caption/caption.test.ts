/** Captions: every script has its letters on a machine without fonts, and any text fits the picture. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';

import { drawCaption, longestCaption } from '../../../../src/engine/animate/caption/caption-picture.ts';
import { scratchFolder } from '../../../clips.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);

/** A letter of each script, and the family it is wanted from. */
const wanted: Readonly<Record<string, string>> = {
  Ž: 'Anton',
  Ế: 'Anton',
  Ω: 'Sofia Sans Extra Condensed Black',
  Ж: 'Sofia Sans Extra Condensed Black',
  ش: 'Noto Sans Arabic Black',
  ש: 'Noto Sans Hebrew Black',
  क: 'Noto Sans Devanagari Black',
  ক: 'Noto Sans Bengali Black',
  ગ: 'Noto Sans Gujarati Black',
  ਗ: 'Noto Sans Gurmukhi Black',
  ಕ: 'Noto Sans Kannada Black',
  ക: 'Noto Sans Malayalam Black',
  ක: 'Noto Sans Sinhala Black',
  த: 'Noto Sans Tamil Black',
  తె: 'Noto Sans Telugu Black',
  ก: 'Noto Sans Thai Black',
  ກ: 'Noto Sans Lao Black',
  ក: 'Noto Sans Khmer Black',
  က: 'Noto Sans Myanmar Black',
  Ա: 'Noto Sans Armenian Black',
  ა: 'Noto Sans Georgian Black',
  አ: 'Noto Sans Ethiopic Black',
  한: 'Black Han Sans',
  꿻: 'Gowun Dodum',
  か: 'Dela Gothic One',
  们: 'ZCOOL QingKe HuangYou',
  龘: 'Chocolate Classical Sans',
  '😀': 'Noto Color Emoji',
};

const size = { width: 640, height: 480 };
const pixels = async (text: string, picture = size) => {
  const caption = await drawCaption(text, picture);
  const { data, info } = await sharp(caption!.png).raw().toBuffer({ resolveWithObject: true });
  return { data, ...info };
};

/** Lines of text: runs of rows that have white in them. */
async function lines(text: string): Promise<number> {
  const { data, width, height } = await pixels(text);
  const isWhite = (row: number): boolean => {
    for (let i = row * width * 4; i < (row + 1) * width * 4; i += 4)
      if (data[i]! > 200 && data[i + 3]! > 200) return true;
    return false;
  };
  return Array.from({ length: height }, (_, row) => isWhite(row)).filter((white, row, all) => white && !all[row - 1])
    .length;
}

describe('the letters of captions', () => {
  it('are there for every script where the system has no fonts at all', async () => {
    const conf = join(scratch.path, 'fonts.conf');
    const place = (name: string): string => join(scratch.path, name);
    await writeFile(
      conf,
      `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${place('none')}</dir><cachedir>${place('cache')}</cachedir></fontconfig>`,
    );
    // Unassigned: nobody has it, and the comparison must say so.
    const letters = [...Object.keys(wanted), '\u0378'];
    const script = fileURLToPath(new URL('letters.ts', import.meta.url));
    const words = ['--import', 'tsx', script, JSON.stringify(letters)];
    const { stdout } = await promisify(execFile)(process.execPath, words, {
      env: { ...process.env, FONTCONFIG_FILE: conf },
      maxBuffer: 2 ** 24,
    });
    const found = JSON.parse(stdout) as Record<string, string[]>;
    expect(found['\u0378']).toEqual([]);
    // Anton is there both times.
    const others = Object.entries(wanted).filter(([, family]) => family !== 'Anton');
    expect(others.filter(([letter, family]) => !found[letter]!.includes(family))).toEqual([]);
  });

  it('draws emoji in colour', async () => {
    const { data } = await pixels('😀');
    let yellow = 0;
    for (let i = 0; i < data.length; i += 4)
      if (data[i]! > 220 && data[i + 1]! > 150 && data[i + 2]! < 100) yellow += 1;
    expect(yellow).toBeGreaterThan(300);
  });
});

describe('a caption', () => {
  it('is white with a black outline all round', async () => {
    const { data, width, height } = await pixels('O');
    const at = (x: number, y: number): number[] => [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
    const row = Array.from({ length: width }, (_, x) => at(x, height >> 1));
    const firstOpaque = row.findIndex(([, , , alpha]) => alpha! > 200);
    const firstWhite = row.findIndex(([red, , , alpha]) => red! > 200 && alpha! > 200);
    expect(row[firstOpaque]![0]).toBeLessThan(60);
    expect(firstWhite - firstOpaque).toBeGreaterThanOrEqual(3);
    expect(row.findLastIndex(([red]) => red! > 200)).toBeLessThan(
      row.findLastIndex(([, , , alpha]) => alpha! > 200) - 2,
    );
  });

  it.each([
    ['one word', 'Hi'],
    ['a long text', 'The quick brown fox jumps over the lazy dog and back again. '.repeat(4)],
    ['a word without a break', 'supercalifragilistic'.repeat(6)],
    ['a long text without spaces', 'สวัสดีชาวโลกนี่คือข้อความทดสอบที่ยาวมาก'.repeat(4)],
    ['many lines', Array.from({ length: 12 }, (_, i) => `line ${i}`).join('\n')],
    ['markup', '<b>&amp;</span> <script>'],
  ])('of %s fits in the picture', async (_, text) => {
    for (const picture of [size, { width: 200, height: 600 }, { width: 900, height: 160 }]) {
      const caption = await drawCaption(text, picture);
      expect(caption!.width).toBeLessThanOrEqual(picture.width);
      expect(caption!.height).toBeLessThanOrEqual(picture.height / 2);
    }
  });

  it('is larger for fewer words', async () => {
    const few = await drawCaption('LOL', size);
    const many = await drawCaption('a good deal more to read than before '.repeat(5), size);
    expect(few!.height / 1).toBeGreaterThan(
      many!.height / (await lines('a good deal more to read than before '.repeat(5))),
    );
  });

  it('breaks lines so that they are of like length', async () => {
    const { data, width, height } = await pixels('when nobody looked at the tests before they were sent');
    expect(await lines('when nobody looked at the tests before they were sent')).toBeGreaterThan(1);
    const reach = (row: number): number => {
      let [from, to] = [width, 0];
      for (let x = 0; x < width; x += 1) {
        if (data[(row * width + x) * 4]! > 200) [from, to] = [Math.min(from, x), Math.max(to, x)];
      }
      return to - from;
    };
    const last = Math.max(...Array.from({ length: 20 }, (_, i) => reach(height - 10 - i)));
    expect(last).toBeGreaterThan(0.6 * width);
  });

  it('writes capitals, as memes do', async () => {
    expect((await drawCaption('straße ῥώμη', size))!.png).toEqual((await drawCaption('STRASSE ΡΩΜΗ', size))!.png);
  });

  it.each(['', '  \n ', '\u0000\u0007', '\ue000'])('is nothing where there is nothing to be seen: %j', async (text) => {
    expect(await drawCaption(text, size)).toBeUndefined();
  });

  it('takes control characters and half characters out', async () => {
    const clean = await drawCaption('ab', size);
    expect((await drawCaption('a\u0000\u001b\ud83db', size))!.png).toEqual(clean!.png);
  });

  it('refuses what nobody could read in a clip', async () => {
    await expect(drawCaption('x'.repeat(longestCaption), size)).resolves.toBeDefined();
    await expect(drawCaption('x'.repeat(longestCaption + 1), size)).rejects.toMatchObject({
      code: 'request.invalid',
      params: { option: 'caption' },
    });
  });
});
