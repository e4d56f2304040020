import { describe, expect, it } from 'vitest';
import { rational } from '../../../../src/engine/rational.ts';
import { type PlanNoteCode, planRestore, type RestorePlan } from '../../../../src/engine/restore/plan/plan.ts';
import type { StageName } from '../../../../src/engine/restore/plan/plan-stages.ts';
import { type PlanFacts, planInput } from './plan-facts.ts';

const plan = (facts: PlanFacts = {}): RestorePlan => planRestore(planInput(facts));
const stages = (facts: PlanFacts = {}): StageName[] => plan(facts).stages.map(({ stage }) => stage);
const notes = (facts: PlanFacts = {}): PlanNoteCode[] => plan(facts).notes.map(({ code }) => code);

describe('the plan', () => {
  it('enlarges four times and goes to 60 frames a second when nothing else is asked', () => {
    const { output, upscaling, interpolation } = plan();
    expect(output).toEqual({ width: 768, height: 576, rate: rational(60), frames: 120, duration: rational(2) });
    expect(upscaling.network).toBe('general-x4v3');
    expect(interpolation).toBe('rife-v4.6');
    expect(stages()).toEqual(['decode', 'scene-cuts', 'upscale', 'interpolate', 'encode']);
  });

  it('is data that survives JSON', () => {
    const made = plan();
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  });

  it('counts the frames to be made between exactly: 24 to 60 needs four of five, 30 to 60 one of two, 60 none', () => {
    const between = (rate: number): number | undefined =>
      plan({ video: { rate: rational(rate) } }).stages.find(({ stage }) => stage === 'interpolate')?.params[
        'between'
      ] as number | undefined;
    expect(between(24)).toBe(96);
    expect(between(30)).toBe(60);
    expect(between(60)).toBeUndefined();
    expect(notes({ video: { rate: rational(60) } })).toContain('rate-kept');
  });

  it('keeps a faster source at its own rate, unless a rate is asked for', () => {
    const fast = { rate: rational(120), frameCount: { count: 240, exact: true } };
    expect(plan({ video: fast }).output.rate).toEqual(rational(120));
    expect(plan({ video: fast, request: { rate: { fps: rational(60) } } }).output.rate).toEqual(rational(60));
  });

  it('keeps odd rates exact, and multiplies them exactly', () => {
    const film = { rate: rational(175, 6), duration: rational(72, 7), frameCount: { count: 300, exact: true } };
    expect(plan({ video: film, request: { rate: 'source' } }).output.rate).toEqual(rational(175, 6));
    const doubled = plan({ video: film, request: { rate: { multiply: 2 } } }).output;
    expect(doubled.rate).toEqual(rational(175, 3));
    expect(doubled.frames).toBe(600);
  });

  it('refuses a size that no film of that length can have, and no other', () => {
    const within = (maxBytes: number, facts: PlanFacts = {}): RestorePlan => plan({ ...facts, request: { maxBytes } });
    const unreachable = (limit: number) =>
      expect.objectContaining({ code: 'output.size-unreachable', params: { limit } }) as Error;
    expect(() => within(1)).toThrow(unreachable(1));
    // 120 frames, of which one in six may be kept.
    expect(() => within(1239)).toThrow(unreachable(1239));
    expect(within(1240).maxBytes).toBe(1240);
    const threeHours = { duration: rational(10_800) };
    expect(() => within(1_000_000, { video: threeHours })).toThrow(unreachable(1_000_000));
    expect(within(10_000_000, { video: threeHours }).maxBytes).toBe(10_000_000);
  });

  it('slows down: half speed lasts twice as long and has no sound of its own', () => {
    const slow = plan({ request: { slowMotion: 2 }, ownSound: true });
    expect(slow.output.duration).toEqual(rational(4));
    expect(slow.notes.map(({ code }) => code)).toContain('slow-motion-silent');
  });

  it('drops held frames, and plans and pays only for the drawings', () => {
    const cadence = { framesPerDrawing: rational(2), rate: rational(12), timing: 'even' } as const;
    const held = plan({ inspection: { held: { share: 0.5, cadence } } });
    const kept = plan({ inspection: { held: { share: 0.5, cadence } }, request: { heldFrames: 'keep' } });
    expect(held.cadence).toEqual(cadence);
    expect(kept.cadence).toBeUndefined();
    const upscale = (made: RestorePlan): number => made.stages.find(({ stage }) => stage === 'upscale')!.seconds;
    expect(upscale(held)).toBeCloseTo(upscale(kept) / 2, 5);
  });

  it('reduces a picture that is softer than its pixel count first, and says so; never below 120 lines', () => {
    const soft = { video: { width: 640, height: 480 }, inspection: { effectiveScale: 0.45 } };
    expect(plan(soft).working).toEqual({ width: 320, height: 240 });
    expect(plan(soft).output).toMatchObject({ width: 2560, height: 1920 });
    expect(notes(soft)).toContain('reduced-first');
    expect(plan({ ...soft, request: { workingSize: 'full' } }).working.height).toBe(480);
    expect(plan({ inspection: { effectiveScale: 0.45 } }).working.height).toBe(144);
  });

  it('stops at 2160 lines, keeps even sides, and never makes a picture smaller than it came unasked', () => {
    const wide = plan({ video: { width: 1280, height: 720 } });
    expect(wide.output).toMatchObject({ width: 3840, height: 2160 });
    expect(wide.notes.map(({ code }) => code)).toContain('size-capped');
    expect(plan({ video: { width: 191, height: 143 } }).output).toMatchObject({ width: 764, height: 572 });
    expect(plan({ video: { width: 6000, height: 4000 } }).output).toMatchObject({ width: 6000, height: 4000 });
    expect(plan({ request: { size: { height: 480 } } }).output).toMatchObject({ width: 640, height: 480 });
  });

  it('repairs what the inspection found, and nothing else', () => {
    const ill = { noise: 4, blockiness: 0.3, flicker: 2, weave: 0.5, fields: 'top-first' } as const;
    expect(stages({ inspection: ill })).toEqual([
      'decode',
      'deinterlace',
      'denoise',
      'scene-cuts',
      'deflicker',
      'upscale',
      'interpolate',
      'encode',
    ]);
    expect(notes({ inspection: ill })).toContain('weave-left');
    const off = { deinterlace: 'off', denoise: 'off', deflicker: 'off' } as const;
    expect(stages({ inspection: ill, request: off })).toEqual([
      'decode',
      'scene-cuts',
      'upscale',
      'interpolate',
      'encode',
    ]);
    expect(notes({ inspection: ill, request: off })).toEqual(
      expect.arrayContaining(['interlacing-left', 'noise-left', 'flicker-left']),
    );
    expect(stages({ request: { stabilise: true, deflicker: 'on' } })).toEqual(
      expect.arrayContaining(['stabilise', 'deflicker']),
    );
  });

  it('makes a frame of each field where the result is fast enough to show them', () => {
    const fields = { inspection: { fields: 'bottom-first' }, video: { rate: rational(25) } } as const;
    expect(plan(fields).deinterlacing).toEqual({ fields: 'bottom-first', doubleRate: true });
    expect(plan({ ...fields, request: { rate: { fps: rational(50) } } }).interpolation).toBeUndefined();
    expect(plan({ ...fields, request: { rate: { fps: rational(25) } } }).deinterlacing.doubleRate).toBe(false);
    expect(plan({ ...fields, request: { rate: 'source' } }).output.rate).toEqual(rational(25));
  });

  it('says which network it cannot use and why', () => {
    const best = plan({ request: { quality: 'best' } });
    expect(best.upscaling.network).toBe('general-x4v3');
    expect(best.notes).toContainEqual({
      code: 'network-needs-gpu',
      params: { wanted: 'x4plus', used: 'general-x4v3' },
    });
    const gpu = { gpu: true, provider: 'cuda', installed: ['rife-v4.6', 'general-x4v3', 'anime4k-l', 'x4plus'] };
    expect(plan({ request: { quality: 'best' }, device: gpu }).upscaling.network).toBe('x4plus');
    expect(notes({ request: { look: 'faithful' } })).toContain('network-not-installed');
  });

  it('blends networks that invent detail with a faithful one', () => {
    expect(plan().upscaling.faithful).toBe('anime4k-l');
    expect(plan({ request: { look: 'animation' } }).upscaling.faithful).toBeUndefined();
  });

  it('predicts the seconds of the stages, and warns of a long job', () => {
    const made = plan();
    const sum = made.stages.reduce((total, { seconds }) => total + seconds, 0);
    expect(made.predictedSeconds).toBeGreaterThan(sum);
    expect(made.predictedSeconds).toBeLessThan(sum + 5);
    expect(made.predictionMeasured).toBe(false);
    const long = { width: 1280, height: 720, frameCount: { count: 2400, exact: true }, duration: rational(100) };
    expect(notes({ video: long })).toContain('long-job');
    expect(notes({ video: long, request: { quality: 'fast' } })).not.toContain('long-job');
  });

  it.each([
    ['slow-motion', { slowMotion: 0 }],
    ['slow-motion', { slowMotion: 1.5 }],
    ['slow-motion', { slowMotion: 17 }],
    ['fps', { rate: { fps: rational(241) } }],
    ['fps', { rate: { multiply: 100 } }],
    ['fps', { rate: { fps: rational(1, 2) } }],
    ['height', { size: { height: 2161 } }],
    ['height', { size: { height: 2 } }],
  ] as const)('refuses a %s out of range', (option, request) => {
    expect(() => plan({ request })).toThrow(
      expect.objectContaining({ code: 'request.invalid', params: expect.objectContaining({ option }) as unknown }),
    );
  });

  it('refuses to enlarge without any network for it', () => {
    const facts = { device: { installed: ['rife-v4.6'] } };
    expect(() => plan(facts)).toThrow(
      expect.objectContaining({ code: 'model.not-installed', params: { model: 'general-x4v3' } }),
    );
    expect(plan({ ...facts, request: { size: { scale: 1 } } }).upscaling).toEqual({ share: 1 });
  });

  it('leaves repairs that are ffmpeg’s work out where ffmpeg does not decode, and says so', () => {
    const noisy = { inspection: { noise: 3, blockiness: 0.4 } };
    expect(stages(noisy)).toContain('denoise');
    expect(stages({ ...noisy, container: 'webp' })).not.toContain('denoise');
    expect(notes({ ...noisy, container: 'webp' })).toContain('repairs-need-video');
    expect(notes({ container: 'webp' })).not.toContain('repairs-need-video');
  });

  it('refuses to plan frames between without the network for them', () => {
    expect(() => plan({ device: { installed: ['general-x4v3'] } })).toThrow(
      expect.objectContaining({ code: 'model.not-installed', params: { model: 'rife-v4.6' } }),
    );
  });
});
