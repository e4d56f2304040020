/**
 * What each kind of work costs on this machine, learned from the jobs it has done and kept beside the weights: the plan's
 * predicted seconds rest on it. Before the first job stand the figures measured on two CPU cores (`npm run bench`).
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { z } from 'zod';

import { loadCatalog } from '../../model/catalog.ts';

/** Milliseconds per megapixel: of a network's input for networks, of the pictures handled for the rest. */
export interface DeviceCosts {
  /** By catalog id, milliseconds per megapixel of input and run. */
  readonly networks: Readonly<Record<string, number>>;
  /** Per megapixel of output, for one frame between two real ones. */
  readonly warp: number;
  readonly decode: number;
  readonly encode: number;
  /** False until a job has been measured on this device. */
  readonly measured: boolean;
}

/** What the catalogue says of each network: the middle of the range measured. */
function catalogueCosts(): Record<string, number> {
  return Object.fromEntries(
    loadCatalog().models.flatMap(({ id, cost }) =>
      cost?.per === 'input-megapixel' ? [[id, (cost.milliseconds.low + cost.milliseconds.high) / 2]] : [],
    ),
  );
}

/** Two cores of an AMD EPYC server, onnxruntime-node 1.30, FFmpeg 5.1. */
export const twoCoreCosts: DeviceCosts = {
  networks: catalogueCosts(),
  warp: 40,
  decode: 6,
  encode: 30,
  measured: false,
};

const costsFile = z.object({
  version: z.literal(2),
  devices: z.record(
    z.string(),
    z.object({ networks: z.record(z.string(), z.number().positive()), warp: z.number().positive() }),
  ),
});

type CostsFile = z.infer<typeof costsFile>;

async function readFileOrNothing(file: string): Promise<CostsFile> {
  try {
    return costsFile.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Absent, or written by another version: what it held is learned again by the next job.
    return { version: 2, devices: {} };
  }
}

/** The costs known for `device` (an execution provider's name), from `file`; the two-core figures for what is not known. */
export async function loadDeviceCosts(file: string, device: string): Promise<DeviceCosts> {
  const known = (await readFileOrNothing(file)).devices[device];
  if (known === undefined) return twoCoreCosts;
  return { ...twoCoreCosts, ...known, networks: { ...twoCoreCosts.networks, ...known.networks }, measured: true };
}

/** What one job measured; parts that it did not run are left out. */
export interface MeasuredCosts {
  readonly networks: Readonly<Record<string, number>>;
  readonly warp?: number;
}

/** A new measurement counts a third, so that one job beside a busy neighbour does not spoil the next forecast. */
const weight = 1 / 3;

function blend(known: number | undefined, measured: number | undefined, fallback: number): number {
  if (measured === undefined || !Number.isFinite(measured) || measured <= 0) return known ?? fallback;
  return known === undefined ? measured : known + (measured - known) * weight;
}

/** Folds a job's measurements into `file`. */
export async function learnDeviceCosts(file: string, device: string, measured: MeasuredCosts): Promise<void> {
  const content = await readFileOrNothing(file);
  const known = content.devices[device];
  const networks: Record<string, number> = { ...known?.networks };
  for (const [id, cost] of Object.entries(measured.networks)) networks[id] = blend(networks[id], cost, cost);
  content.devices[device] = { networks, warp: blend(known?.warp, measured.warp, twoCoreCosts.warp) };
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(content, undefined, 2));
  await rename(draft, file);
}
