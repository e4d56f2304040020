/**
 * What `lumiere doctor` looks at, as data: programs with what they must be able to do, weights, execution providers, room
 * on disk and in memory. Nothing is changed; the device trial is the one the engine itself makes and remembers.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import type { Config } from '../config.ts';
import { startFfmpeg } from '../engine/media/ffmpeg.ts';
import { describeDevice, type DeviceReport } from '../engine/model/device-report.ts';
import { listModels } from '../engine/model/model-list.ts';

type MachineCheck = 'node' | 'ffmpeg' | 'ffmpeg-parts' | 'redis' | 'weights' | 'device' | 'disk' | 'memory';
type IdentityCheck = 'identity' | 'own-identity';
type SettingCheck = 'data-folder' | 'mirror' | 'metrics';
type SecretsCheck = 'open-key' | 'open-database';
type BotCheck = 'media-key' | 'media-files' | 'redis-server' | 'database' | 'token' | 'discord' | 'permissions';

/** One thing that was looked at. Sentence: `doctor.<id>.<state>` with `params`. */
export interface Check {
  readonly id: MachineCheck | IdentityCheck | SettingCheck | SecretsCheck | BotCheck;
  /** `missing` means that a restoration cannot run, or the bot that was set up. */
  readonly state: 'ok' | 'note' | 'missing';
  readonly params: Readonly<Record<string, string | number>>;
}

export interface DoctorReport {
  readonly checks: readonly Check[];
  readonly device: DeviceReport;
}

/** What the engine asks of ffmpeg by name; `test/cli/doctor.test.ts` compares the filters with the engine's source. */
export const neededParts = {
  encoders: ['libx264', 'aac', 'png', 'rawvideo', 'pcm_f32le', 'gif', 'libwebp_anim'],
  decoders: ['h264', 'hevc', 'mpeg4', 'mpeg2video', 'vp9', 'gif', 'aac', 'mp3', 'opus'],
  filters: [
    ...['scale', 'zscale', 'tonemap', 'format', 'setsar', 'setparams', 'transpose', 'negate', 'premultiply'],
    ...[
      'bwdif',
      'spp',
      'hqdn3d',
      'noise',
      'gblur',
      'lutyuv',
      'blend',
      'maskedmerge',
      'split',
      'framestep',
      'crop',
      'fillborders',
    ],
    ...[
      'overlay',
      'hstack',
      'pad',
      'color',
      'alphamerge',
      'tpad',
      'loop',
      'fps',
      'select',
      'setpts',
      'aresample',
      'atrim',
    ],
    ...['palettegen', 'paletteuse'],
  ],
} as const;

const leastDisk = 2 * 2 ** 30;
const leastMemory = 2 * 2 ** 30;

export async function examineMachine(config: Config): Promise<DoctorReport> {
  const device = await describeDevice({
    // A folder that is not there is not made for it: its name may have been mistyped.
    ...(existsSync(config.modelsDir) && { memoryFile: join(config.modelsDir, 'providers.json') }),
    ...(config.providers && { providers: config.providers }),
    ...(config.threads !== undefined && { threads: config.threads }),
  });
  const checks: Check[] = [
    { id: 'node', state: 'ok', params: { version: process.versions.node } },
    ...(await examineFfmpeg()),
    ...(config.redisUrl === undefined ? [await examineRedis()] : []),
    await examineWeights(config.modelsDir),
    examineDevice(device),
    await examineDisk(config.modelsDir),
    {
      id: 'memory',
      state: device.memory < leastMemory ? 'note' : 'ok',
      params: { total: device.memory, free: device.freeMemory, least: leastMemory },
    },
  ];
  return { checks, device };
}

/** What ffmpeg answers to an option that prints and ends, such as `-filters`. */
async function askFfmpeg(option: string): Promise<string> {
  const process = await startFfmpeg([], [{ target: 'none', options: [option] }], { side: 'output' });
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdout) chunks.push(chunk as Buffer);
  await process.ended;
  return Buffer.concat(chunks).toString('utf8');
}

async function examineFfmpeg(): Promise<Check[]> {
  try {
    const version = /^ffmpeg version (\S+)/.exec(await askFfmpeg('-version'))?.[1] ?? '?';
    const lacking: string[] = [];
    for (const [kind, names] of Object.entries(neededParts)) {
      // Each line is flags, name, description.
      const known = new Set((await askFfmpeg(`-${kind}`)).split('\n').map((line) => line.trim().split(/\s+/)[1]));
      lacking.push(...names.filter((name) => !known.has(name)));
    }
    return [
      { id: 'ffmpeg', state: 'ok', params: { version } },
      { id: 'ffmpeg-parts', state: lacking.length > 0 ? 'missing' : 'ok', params: { lacking: lacking.join(', ') } },
    ];
  } catch {
    return [{ id: 'ffmpeg', state: 'missing', params: {} }];
  }
}

async function examineRedis(): Promise<Check> {
  try {
    const { stdout } = await promisify(execFile)('redis-server', ['--version'], { timeout: 5000 });
    return { id: 'redis', state: 'ok', params: { version: /v=(\S+)/.exec(stdout)?.[1] ?? '?' } };
  } catch {
    return { id: 'redis', state: 'note', params: {} };
  }
}

async function examineWeights(folder: string): Promise<Check> {
  const models = await listModels(folder);
  const installed = models.filter(({ state }) => state === 'installed');
  const lacking = models.filter(({ entry, state }) => entry.required && state !== 'installed');
  return {
    id: 'weights',
    state: lacking.length > 0 ? 'missing' : 'ok',
    params: {
      installed: installed.length,
      total: models.length,
      lacking: lacking.map(({ entry }) => entry.id).join(', '),
      folder,
    },
  };
}

function examineDevice({ chosen, processor, threads }: DeviceReport): Check {
  if (chosen === undefined) return { id: 'device', state: 'missing', params: {} };
  return { id: 'device', state: chosen === 'cpu' ? 'note' : 'ok', params: { provider: chosen, processor, threads } };
}

/** Room where weights are kept and where temporary files go; the tighter of the two counts. */
async function examineDisk(modelsDir: string): Promise<Check> {
  const rooms = [await roomAt(modelsDir), await roomAt(tmpdir())] as const;
  const { folder, free } = rooms.reduce((a, b) => (a.free <= b.free ? a : b));
  return { id: 'disk', state: free < leastDisk ? 'note' : 'ok', params: { free, folder, least: leastDisk } };
}

/** Of the folder, or of the nearest one above it that exists, which is then the one that is named. */
async function roomAt(folder: string): Promise<{ readonly folder: string; readonly free: number }> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return { folder, free: bavail * bsize };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    return roomAt(dirname(folder));
  }
}
