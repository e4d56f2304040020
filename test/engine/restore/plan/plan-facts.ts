/** Facts about an imaginary clip, for tests of the plan: silent film, 192x144 at 24.67 fps, nothing wrong with it. */
import type { Probe, VideoStream } from '../../../../src/engine/media/probe-result.ts';
import { rational } from '../../../../src/engine/rational.ts';
import { twoCoreCosts } from '../../../../src/engine/restore/plan/device-costs.ts';
import type { ClipInspection } from '../../../../src/engine/restore/inspection/inspection.ts';
import type { PlanDevice, PlanInput } from '../../../../src/engine/restore/plan/plan.ts';
import { defaultRequest, type RestoreRequest } from '../../../../src/engine/restore/request.ts';

export const soundInspection: ClipInspection = {
  framesSeen: 24,
  effectiveScale: 1,
  noise: 0.5,
  blockiness: 0.02,
  flicker: 0.1,
  fields: 'progressive',
  held: { share: 0 },
  weave: 0.02,
  cutsPerMinute: 0,
};

export const device: PlanDevice = {
  provider: 'cpu',
  gpu: false,
  costs: twoCoreCosts,
  installed: ['rife-v4.6', 'general-x4v3', 'anime4k-l'],
};

export interface PlanFacts {
  readonly container?: string;
  readonly video?: Partial<VideoStream>;
  readonly inspection?: Partial<ClipInspection>;
  readonly request?: Partial<RestoreRequest>;
  readonly device?: Partial<PlanDevice>;
  readonly ownSound?: boolean;
}

export function planInput(facts: PlanFacts = {}): PlanInput {
  const video: VideoStream = {
    index: 0,
    codec: 'h264',
    codedWidth: 192,
    codedHeight: 144,
    width: 192,
    height: 144,
    sampleAspectRatio: rational(1),
    orientation: { quarterTurns: 0, mirrored: false },
    rate: rational(24),
    timeBase: rational(1, 12_288),
    variableRate: false,
    frameCount: { count: 48, exact: true },
    duration: rational(2),
    start: rational(0),
    pixelFormat: 'yuv420p',
    bitDepth: 8,
    alpha: false,
    color: { matrix: 'bt601', range: 'limited', primaries: 'unknown', transfer: 'unknown', assumed: true },
    fieldOrder: 'progressive',
    ...facts.video,
  };
  const probe: Probe = {
    path: 'clip.mp4',
    bytes: 1000,
    container: facts.container ?? 'mov,mp4,m4a,3gp,3g2,mj2',
    video,
    audio: [],
    start: rational(0),
    warnings: [],
  };
  return {
    probe,
    inspection: { ...soundInspection, ...facts.inspection },
    request: { ...defaultRequest, ...facts.request },
    device: { ...device, ...facts.device },
    ownSound: facts.ownSound ?? false,
  };
}
