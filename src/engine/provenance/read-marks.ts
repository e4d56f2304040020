/** Everything that a file carries or is known by: its manifest, the invisible watermark, and hashes of its bytes and pictures. */
import { LumiereError } from '../errors.ts';
import { fileSha256 } from '../model/file-hash.ts';
import { type ManifestReading, readManifest } from './c2pa/read-manifest.ts';
import { hashesOfFile } from './frame-hashes.ts';
import type { Identity } from './identity.ts';
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
}

/**
 * Reads what can be read: a file that is damaged, or has no pictures, has fewer marks. Rejects only with `job.cancelled`, and as
 * opening the file does.
 */
export async function readMarks(
  path: string,
  options: {
    readonly identity: Pick<Identity, 'known' | 'watermarkKey'>;
    /** Hashes of pictures, too: for finding a file by how it looks. */
    readonly likeness?: boolean;
    /** False: the invisible watermark is not looked for, which takes seconds where there is none. */
    readonly watermark?: boolean;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Marks> {
  const { identity, likeness = false, watermark: isWanted = true, signal } = options;
  const unlessCancelled = async <Result>(reading: Promise<Result>): Promise<Result | undefined> => {
    try {
      return await reading;
    } catch (error) {
      if (signal?.aborted === true) throw new LumiereError('job.cancelled', {}, { cause: error });
      return undefined;
    }
  };
  const [sha256, mediaType] = [await fileSha256(path), await mediaTypeOf(path)];
  const manifest = await readManifest(path, mediaType, { identity, signal });
  const isSound = mediaType.startsWith('audio/');
  const watermark =
    isSound || !isWanted
      ? undefined
      : await unlessCancelled(readWatermark(path, identity.watermarkKey, signal ? { signal } : {}));
  const perceptualHashes = likeness && !isSound ? await unlessCancelled(hashesOfFile(path, { signal })) : undefined;
  return {
    sha256,
    mediaType,
    ...(manifest && { manifest }),
    ...(watermark && { watermark }),
    ...(perceptualHashes && { perceptualHashes }),
  };
}

/** What a manifest's words say of a file in one line, for the manifest of what is made from it; undefined where nothing is known. */
export function describeMarks({ manifest, watermark }: Pick<Marks, 'manifest' | 'watermark'>): string | undefined {
  const parts: string[] = [];
  if (manifest?.isOurs === true) parts.push(`Carried a manifest of this installation (${manifest.state})`);
  else if (manifest) {
    const by = manifest.generator === undefined ? '' : ` by ${manifest.generator}`;
    const types = manifest.sourceTypes.length === 0 ? '' : `: ${manifest.sourceTypes.join(', ')}`;
    parts.push(`Carried a C2PA manifest${by} (${manifest.state})${types}`);
  }
  if (watermark) parts.push('Carried the invisible watermark of this installation');
  return parts.length === 0 ? undefined : parts.join('. ');
}
