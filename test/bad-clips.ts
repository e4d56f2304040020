/** Files that are not sound clips, each made by ffmpeg or by changing bytes: those that are refused and those that are taken. */
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ErrorCode } from '../src/engine/errors.ts';
import type { WarningCode } from '../src/engine/media/warnings.ts';
import { boxAt, changeClip, h264, makeClip, makeFile, once, picture, soundClip } from './clips.ts';

const silent = [...picture('testsrc2=s=64x48:r=25:d=1'), ...h264];

/** A GIF that says it is `side` pixels wide and high, in 70 bytes. */
function hugeGif(side: number): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt16LE(side, 0);
  size.writeUInt16LE(side, 2);
  const head = Buffer.concat([Buffer.from('GIF89a'), size, Buffer.from('800000000000ffffff', 'hex')]);
  const control = Buffer.from('21f904000a000000', 'hex');
  const image = Buffer.concat([Buffer.from('2c00000000', 'hex'), size, Buffer.from('0002024401003b', 'hex')]);
  return Buffer.concat([head, control, image]);
}

/** The tables of an MP4's video track with `change` made to the one called `name`; `change` gets the box from its name on. */
function changeBox(name: string, change: (box: Buffer) => void): (bytes: Buffer) => Buffer {
  return (bytes) => {
    change(bytes.subarray(boxAt(bytes, name)));
    return bytes;
  };
}

async function concatScript(): Promise<string> {
  return await makeFile('mp4', `ffconcat version 1.0\nfile '${await soundClip()}'\n`);
}

async function playlist(): Promise<string> {
  const lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:1', '#EXTINF:1,', await soundClip(), '#EXT-X-ENDLIST', ''];
  return await makeFile('mp4', lines.join('\n'));
}

/** An AVI whose subtitles claim to be text and hold a playlist: the way files were once read out through ffmpeg. */
async function aviWithPlaylist(): Promise<string> {
  const text = Buffer.from('#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0\nfile:///etc/passwd\n#EXT-X-ENDLIST\n');
  const clip = await makeClip('avi', [...picture('testsrc2=s=64x48:r=25:d=1'), '-c:v', 'mpeg4', '-bf', '0']);
  return await changeClip(clip, 'avi', (bytes) => {
    const at = boxAt(bytes, 'movi') + 4;
    const head = Buffer.concat([
      Buffer.from('GAB2\0\x02\0', 'latin1'),
      Buffer.alloc(4),
      Buffer.from([4, 0]),
      Buffer.alloc(4),
    ]);
    const payload = Buffer.concat([head, text]);
    const chunk = Buffer.alloc(8);
    chunk.write('00tx', 'latin1');
    chunk.writeUInt32LE(payload.length, 4);
    const body = Buffer.concat([chunk, payload, Buffer.alloc(payload.length % 2)]);
    return Buffer.concat([bytes.subarray(0, at), body, bytes.subarray(at)]);
  });
}

/** Puts `insertion` at `at` and makes every box around it that much longer. */
function insertInto(bytes: Buffer, around: readonly string[], at: number, insertion: Buffer): Buffer {
  for (const name of around) {
    const size = boxAt(bytes, name) - 4;
    bytes.writeUInt32BE(bytes.readUInt32BE(size) + insertion.length, size);
  }
  return Buffer.concat([bytes.subarray(0, at), insertion, bytes.subarray(at)]);
}

/** A MOV whose own pictures are noise and which says that the true ones lie in another file, by an alias of QuickTime's. */
export async function movPointingElsewhere(): Promise<string> {
  const target = await makeClip('mov', [...picture('testsrc2=s=64x48:r=25:d=1'), '-c:v', 'mpeg4', '-bf', '0']);
  const path = Buffer.from(target);
  return await changeClip(target, 'mov', (bytes) => {
    scramble(bytes, boxAt(bytes, 'mdat') + 4, boxAt(bytes, 'moov') - 4);
    const at = bytes.indexOf('url \0\0\0\x01', 0, 'latin1');
    const tail = Buffer.alloc(4 + path.length + (path.length % 2) + 4);
    tail.writeUInt16BE(2, 0);
    tail.writeUInt16BE(path.length, 2);
    path.copy(tail, 4);
    tail.writeInt16BE(-1, tail.length - 4);
    const fixed = Buffer.alloc(150);
    fixed.writeUInt16BE(0xffff, 130 - 8);
    const alias = Buffer.concat([fixed, tail]);
    bytes.write('alis\0\0\0\0', at, 'latin1');
    bytes.writeUInt32BE(bytes.readUInt32BE(at - 4) + alias.length, at - 4);
    return insertInto(bytes, ['moov', 'trak', 'mdia', 'minf', 'dinf', 'dref'], at + 8, alias);
  });
}

/** A file that is refused with one of these codes. */
export interface BadClip {
  readonly name: string;
  readonly file: () => Promise<string>;
  readonly code: ErrorCode | readonly ErrorCode[];
}

export const badClips: readonly BadClip[] = [
  {
    name: 'no such file',
    file: () => Promise.resolve(join(tmpdir(), 'lumiere-no-such-file.mp4')),
    code: 'input.not-found',
  },
  { name: 'a folder', file: () => once('mp4', 'an empty folder', (path) => mkdir(path)), code: 'input.unreadable' },
  { name: 'empty', file: () => makeFile('mp4', ''), code: 'input.empty' },
  {
    name: 'text named .mp4',
    file: () => makeFile('mp4', 'Dear reader,\nthis is a letter.\n'),
    code: 'input.not-media',
  },
  {
    name: 'noise named .mp4',
    file: () => makeFile('mp4', noise(100_000)),
    code: ['input.not-media', 'input.no-video'],
  },
  {
    name: 'truncated before its index',
    file: async () => changeClip(await makeClip('mp4', silent), 'mp4', (b) => b.subarray(0, b.length - 1200)),
    code: 'input.truncated',
  },
  { name: 'audio only', file: () => makeClip('m4a', picture('sine=d=1')), code: 'input.no-video' },
  {
    name: 'audio with a cover picture',
    file: () =>
      makeClip('mp3', [
        ...picture('sine=d=1'),
        ...picture('color=s=64x64:d=0.04'),
        ...['-map', '0', '-map', '1', '-c:v', 'png', '-frames:v', '1', '-disposition:v', 'attached_pic'],
      ]),
    code: 'input.no-video',
  },
  {
    name: '1x1',
    file: () => makeClip('mov', [...picture('testsrc=s=1x1:d=1'), '-c:v', 'png']),
    code: 'input.too-small',
  },
  { name: '20000x20000', file: () => makeFile('gif', hugeGif(20_000)), code: 'input.too-large' },
  { name: 'no frame', file: () => makeClip('mp4', [...silent, '-frames:v', '0']), code: 'input.no-video' },
  {
    name: 'zero duration',
    file: async () =>
      changeClip(await makeClip('mp4', silent), 'mp4', (b) => {
        for (const table of ['stts', 'stsc', 'stco', 'stss']) changeBox(table, (box) => box.writeUInt32BE(0, 8))(b);
        return changeBox('stsz', (box) => box.writeUInt32BE(0, 12))(b);
      }),
    code: 'input.zero-duration',
  },
  {
    name: 'an absurd rate',
    file: () =>
      makeClip('mp4', [
        ...[...picture('testsrc2=s=64x48:r=25:d=1'), '-vf', 'settb=1/1000000,setpts=N', ...h264],
        ...['-enc_time_base', '1/1000000', '-fps_mode', 'passthrough', '-video_track_timescale', '1000000'],
      ]),
    code: 'input.rate-absurd',
  },
  {
    name: 'a billion frames',
    file: async () =>
      changeClip(await makeClip('mp4', silent), 'mp4', (b) => {
        changeBox('stts', (box) => box.writeUInt32BE(1e9, 12))(b);
        return changeBox('stsz', (box) => {
          box.writeUInt32BE(1, 8);
          box.writeUInt32BE(1e9, 12);
        })(b);
      }),
    code: [
      'input.too-many-frames',
      'input.too-long',
      'input.corrupt',
      'input.not-media',
      'input.truncated',
      'tool.memory',
      'input.zero-duration',
    ],
  },
  {
    name: 'a frame that lasts for years',
    file: async () =>
      changeClip(
        await makeClip('mp4', [...silent, '-use_editlist', '0']),
        'mp4',
        changeBox('stts', (box) => box.writeUInt32BE(0x7000_0000, 16)),
      ),
    code: 'input.too-long',
  },
  {
    name: 'an unknown codec',
    file: async () =>
      changeClip(await makeClip('mp4', silent), 'mp4', (b) => {
        b.write('zzzz', boxAt(b, 'avc1\0'), 'latin1');
        return b;
      }),
    code: 'input.codec-unknown',
  },
  {
    name: 'all of it corrupt',
    file: async () =>
      changeClip(await makeClip('mp4', silent), 'mp4', (b) => scramble(b, boxAt(b, 'mdat') + 4, boxAt(b, 'moov') - 4)),
    code: 'input.corrupt',
  },
  {
    name: 'seventy sound tracks',
    file: () =>
      makeClip('mkv', [
        ...picture('testsrc2=s=64x48:d=0.2'),
        ...picture('sine=d=0.2'),
        ...['-map', '0', ...Array.from({ length: 70 }, () => ['-map', '1']).flat(), ...h264, '-c:a', 'pcm_s16le'],
      ]),
    code: 'input.too-many-streams',
  },
  { name: 'a playlist named .mp4', file: playlist, code: 'input.format-refused' },
  { name: 'a concat script named .mp4', file: concatScript, code: 'input.format-refused' },
  {
    name: 'a session description named .mp4',
    file: () =>
      makeFile('mp4', 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n'),
    code: 'input.format-refused',
  },
  {
    name: 'a DASH manifest named .mp4',
    file: () =>
      makeFile(
        'mp4',
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static"></MPD>',
      ),
    code: ['input.format-refused', 'input.not-media'],
  },
  {
    name: 'a drawing that includes a file',
    file: () => makeFile('svg', '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
    code: ['input.format-refused', 'input.not-media'],
  },
  {
    name: 'a film whose pictures lie in another file',
    file: movPointingElsewhere,
    code: ['input.corrupt', 'input.zero-duration'],
  },
];

function noise(length: number): Buffer {
  let state = 12345;
  return Buffer.from(Uint8Array.from({ length }, () => (state = (state * 1103515245 + 12345) & 0x7fffffff) >> 16));
}

function scramble(bytes: Buffer, from: number, to: number): Buffer {
  noise(to - from).copy(bytes, from);
  return bytes;
}

/** An odd file that is taken, and what is read from it. */
export interface OddClip {
  readonly name: string;
  readonly file: () => Promise<string>;
  readonly frames: number | readonly [least: number, most: number];
  readonly size?: readonly [width: number, height: number];
  readonly warnings?: readonly WarningCode[];
}

export const oddClips: readonly OddClip[] = [
  { name: 'one frame', file: () => makeClip('mp4', [...silent, '-frames:v', '1']), frames: 1 },
  {
    name: 'odd sizes',
    file: () => makeClip('mp4', [...picture('testsrc=s=63x47:r=25:d=1'), '-c:v', 'libx264', '-pix_fmt', 'yuv444p']),
    frames: 25,
    size: [63, 47],
  },
  {
    name: 'corrupt in the middle',
    file: async () =>
      changeClip(
        await makeClip('mp4', [...picture('testsrc2=s=160x120:r=25:d=2'), ...h264, '-g', '10']),
        'mp4',
        (b) => {
          const [from, to] = [boxAt(b, 'mdat') + 4, boxAt(b, 'moov')];
          const third = Math.floor((to - from) / 3);
          return scramble(b, from + third, from + third + 600);
        },
      ),
    frames: [40, 50],
    warnings: ['input.damage-concealed'],
  },
  {
    name: 'truncated after its index',
    file: async () =>
      changeClip(await makeClip('mp4', [...silent, '-movflags', '+faststart']), 'mp4', (b) =>
        b.subarray(0, b.length * 0.7),
      ),
    frames: [5, 24],
    warnings: ['input.ends-early'],
  },
  {
    name: 'a small picture in a track that says 20000x20000',
    file: async () =>
      changeClip(await makeClip('mov', [...picture('testsrc2=s=64x48:d=1'), '-c:v', 'png']), 'mov', (b) => {
        const entry = b.indexOf('png \0\0\0\0\0\0\0\x01', 0, 'latin1');
        b.writeUInt16BE(20_000, entry + 28);
        b.writeUInt16BE(20_000, entry + 30);
        return b;
      }),
    frames: 25,
    size: [64, 48],
  },
  { name: 'missing audio', file: () => makeClip('mp4', silent), frames: 25, warnings: [] },
  {
    name: 'ten audio streams',
    file: () =>
      makeClip('mkv', [
        ...picture('testsrc2=s=64x48:r=25:d=1'),
        ...picture('sine=d=1'),
        ...['-map', '0', ...Array.from({ length: 10 }, () => ['-map', '1']).flat(), ...h264, '-c:a', 'aac'],
      ]),
    frames: 25,
    warnings: ['sound.one-kept'],
  },
  {
    name: 'sound in a codec that cannot be read',
    file: async () =>
      changeClip(await soundClip(), 'mp4', (b) => {
        // The kind of object in its descriptor; 0xfe stands for none.
        b.write('zzzz', boxAt(b, 'mp4a\0'), 'latin1');
        b.writeUInt8(0xfe, b.indexOf('\x04\x80\x80\x80', boxAt(b, 'esds'), 'latin1') + 5);
        return b;
      }),
    frames: 25,
    warnings: ['sound.unreadable'],
  },
  {
    name: '10-bit HDR',
    file: () =>
      makeClip('mp4', [
        ...picture('testsrc2=s=64x48:r=25:d=0.4'),
        ...[
          '-vf',
          'format=yuv420p10le,setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv',
        ],
        ...['-c:v', 'libx265', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p10le'],
        ...['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc', '-color_range', 'tv'],
      ]),
    frames: 10,
    warnings: ['input.tone-mapped'],
  },
  { name: 'subtitles that hold a playlist', file: aviWithPlaylist, frames: 25 },
  {
    name: 'subtitles and an attachment',
    file: async () =>
      makeClip('mkv', [
        ...picture('testsrc2=s=64x48:r=25:d=1'),
        ...['-i', await makeFile('srt', '1\n00:00:00,000 --> 00:00:01,000\nHello\n')],
        ...['-attach', await makeFile('txt', 'attached'), '-metadata:s:t', 'mimetype=text/plain'],
        ...['-map', '0', '-map', '1', ...h264, '-c:s', 'srt'],
      ]),
    frames: 25,
  },
];
