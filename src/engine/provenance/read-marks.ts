/** Everything that a file carries or is known by: its manifest, the invisible watermark, and hashes of its bytes and pictures. */
import { stat } from 'node:fs/promises';

import { type ErrorCode, type ErrorParams, LumiereError } from '../errors.ts';
import { fileSha256 } from '../file-hash.ts';
import { type ManifestReading, readManifest } from './c2pa/read-manifest.ts';
import { hashesOfFile } from './frame-hashes.ts';
import type { Recognition } from './identity.ts';
import { mediaTypeOf } from './media-type.ts';
import { readWatermark } from './watermark/read-watermark.ts';
import type { WatermarkReading } from './watermark/watermark.ts';

export interface Marks {
  readonly sha256: string;
  readonly mediaType: string;
  readonly manifest?: ManifestReading;
  readonly watermark?: WatermarkReading;
  /** Of some of its pictures; absent where they were not asked for or cannot be looked at. */
  readonly perceptualHashes?: readonly string[];
  /** What could not be looked for, through no fault of the file: that it is missing above says nothing. */
  readonly unread?: readonly 'watermark'[];
  /** Why its pictures could not be looked at for the watermark: `unread` where the file is not to blame. */
  readonly watermarkProblem?: { readonly code: ErrorCode; readonly params: ErrorParams };
}

/**
 * Reads what can be read: a file that is damaged, or has no pictures, has fewer marks. Where this machine could not look (no ffmpeg,
 * no memory, no time, no key), `unread` says so. Rejects only with `job.cancelled`, and as opening the file does.
 */
export async function readMarks(
  path: string,
  options: {
    readonly identity: Pick<Recognition, 'known' | 'watermarkKey'>;
    /** Hashes of pictures, too: for finding a file by how it looks. */
    readonly likeness?: boolean;
    /** False: the invisible watermark is not looked for, which takes seconds where there is none. */
    readonly watermark?: boolean;
    /** Milliseconds that looking at its pictures may take; without an end when left out. */
    readonly patienceMs?: number;
    /** Called with the bytes read so far, and how many there are: they are read before the pictures are looked at. */
    readonly onRead?: (bytes: number, total: number) => void;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Marks> {
  const { identity, likeness = false, watermark: isWanted = true, patienceMs, onRead, signal } = options;
  const signals = [...(signal ? [signal] : []), ...(patienceMs === undefined ? [] : [AbortSignal.timeout(patienceMs)])];
  const limited = signals.length === 0 ? {} : { signal: AbortSignal.any(signals) };
  const unlessCancelled = async <Result>(
    reading: Promise<Result>,
    onFault?: (error: unknown) => void,
  ): Promise<Result | undefined> => {
    try {
      return await reading;
    } catch (error) {
      if (signal?.aborted === true) throw new LumiereError('job.cancelled', {}, { cause: error });
      onFault?.(error);
      return undefined;
    }
  };
  const { size } = await stat(path);
  const sha256 = await fileSha256(path, { signal, onRead: (bytes) => onRead?.(bytes, size) }).catch(
    (error: unknown) => {
      throw signal?.aborted === true ? new LumiereError('job.cancelled', {}, { cause: error }) : error;
    },
  );
  const mediaType = await mediaTypeOf(path);
  const manifest = await readManifest(path, mediaType, { identity, signal });
  const isSound = mediaType.startsWith('audio/');
  let fault: unknown;
  const watermark = isWanted
    ? await unlessCancelled(lookForWatermark(path, isSound, identity.watermarkKey, limited), (error) => (fault = error))
    : undefined;
  const perceptualHashes = likeness && !isSound ? await unlessCancelled(hashesOfFile(path, limited)) : undefined;
  return {
    sha256,
    mediaType,
    ...(manifest && { manifest }),
    ...(watermark && { watermark }),
    ...(perceptualHashes && { perceptualHashes }),
    ...(fault !== undefined && !isOfTheFile(fault) && { unread: ['watermark'] }),
    ...(fault instanceof LumiereError && { watermarkProblem: problemOf(fault) }),
  };
}

async function lookForWatermark(
  path: string,
  isSound: boolean,
  key: Uint8Array | undefined,
  limited: { readonly signal?: AbortSignal },
): Promise<WatermarkReading | undefined> {
  if (isSound) throw new LumiereError('input.no-video');
  if (key === undefined) throw new LumiereError('provenance.no-key', { path });
  return readWatermark(path, key, limited);
}

/** Nobody cancelled it: the time that it was given is over. */
function problemOf({ code, params }: LumiereError): NonNullable<Marks['watermarkProblem']> {
  return code === 'job.cancelled' ? { code: 'input.timeout', params: {} } : { code, params };
}

/** The file has no pictures, or none that anybody could read. A decoder that stalls may be the machine's fault. */
function isOfTheFile(error: unknown): boolean {
  return error instanceof LumiereError && /^(input|photo)\./.test(error.code) && error.code !== 'input.timeout';
}

/** Whether a manifest that holds says that a network made it, or a part of it; undefined without one. */
export function isFromTrained(
  manifest: Pick<ManifestReading, 'state' | 'sourceTypes'> | undefined,
): boolean | undefined {
  if (manifest?.state !== 'valid') return undefined;
  return manifest.sourceTypes.some((type) => /TrainedAlgorithmicMedia$/i.test(type));
}

/** Whether a manifest of ours that holds says that the file is an animation, or was made from one. */
export function isFromAnimation(manifest: ManifestReading | undefined): boolean {
  if (manifest?.isOurs !== true || manifest.state !== 'valid') return false;
  return manifest.kind === 'animation' || manifest.isFromAnimation === true;
}

/**
 * What a file carries in one line, for the manifest of what is made from it, which we sign: no word in it is a stranger's own
 * choice. Undefined where nothing is known.
 */
export function describeMarks({
  manifest,
  watermark,
}: {
  readonly manifest?: Pick<ManifestReading, 'isOurs' | 'state' | 'sourceTypes'> | undefined;
  readonly watermark?: object | undefined;
}): string | undefined {
  const parts: string[] = [];
  if (manifest?.isOurs === true) parts.push(`Carried a manifest of this installation (${manifest.state})`);
  else if (manifest) {
    const types = manifest.sourceTypes.length === 0 ? '' : `: ${manifest.sourceTypes.join(', ')}`;
    parts.push(`Carried a C2PA manifest of somebody else (${manifest.state})${types}`);
  }
  if (watermark) parts.push('Carried the invisible watermark of this installation');
  return parts.length === 0 ? undefined : parts.join('. ');
}
