/** The face networks, opened together, and the canonical face that gives their points a pose. */
import { LumiereError } from '../../errors.ts';
import { installModel } from '../../model/install.ts';
import type { Session, SessionPool } from '../../model/session.ts';
import { loadCanonicalFace, type CanonicalFace } from './canonical.ts';

export interface FaceNetworks {
  readonly canonical: CanonicalFace;
  /** BlazeFace: where faces are. */
  readonly detector: Session;
  /** 468 points of a face. */
  readonly mesh: Session;
  /** A closer look at lids, irises and lips. */
  readonly attention: Session;
  /** Which pixels belong to a person. */
  readonly segmentation: Session;
  /** A face's identity, as numbers. Opened when it is first asked for. */
  readonly embedding: () => Promise<Session>;
  close(): Promise<void>;
}

/** What set-up must have installed before a face can be looked at. */
export const faceModels = [
  'canonical-face',
  'blazeface',
  'facemesh',
  'facemesh-attention',
  'selfie',
  'faceres',
] as const;

/**
 * Opens the face networks of the weights cache. Rejects with `model.not-installed`, `model.hash-mismatch`,
 * `model.malformed`, and what `SessionPool.open` rejects with.
 */
export async function openFaceNetworks(pool: SessionPool, modelsDir: string): Promise<FaceNetworks> {
  const open = async (id: string): Promise<Session> => {
    const { network } = await installModel(id, { cacheDir: modelsDir, offline: true });
    if (network === undefined) throw new LumiereError('model.not-installed', { model: id });
    return pool.open({ id, model: network });
  };
  const canonical = await loadCanonicalFace(modelsDir);
  const [detector, mesh, attention, segmentation] = await openAll(
    (['blazeface', 'facemesh', 'facemesh-attention', 'selfie'] as const).map(open),
  );
  let embedding: Promise<Session> | undefined;
  return {
    canonical,
    detector: detector!,
    mesh: mesh!,
    attention: attention!,
    segmentation: segmentation!,
    embedding() {
      if (embedding === undefined) {
        const opening = open('faceres');
        embedding = opening;
        // What failed once may not fail again.
        opening.catch(() => {
          if (embedding === opening) embedding = undefined;
        });
      }
      return embedding;
    },
    async close() {
      const late = await embedding?.catch(() => undefined);
      const opened = [detector!, mesh!, attention!, segmentation!, ...(late ? [late] : [])];
      throwFirst(await Promise.allSettled(opened.map((session) => session.close())));
    },
  };
}

/** All of them, or none: those that did open are closed before the first failure is thrown. */
async function openAll(opening: readonly Promise<Session>[]): Promise<readonly Session[]> {
  const settled = await Promise.allSettled(opening);
  const opened = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (opened.length < settled.length) await Promise.allSettled(opened.map((session) => session.close()));
  throwFirst(settled);
  return opened;
}

function throwFirst(settled: readonly PromiseSettledResult<unknown>[]): void {
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
}
