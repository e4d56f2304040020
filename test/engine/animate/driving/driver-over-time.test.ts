/** A driver over time: where the face is lost, where the clip cuts, how its lids close, and how near it may come. */
import { describe, expect, it } from 'vitest';

import { relativeHead } from '../../../../src/engine/animate/driving/differences.ts';
import { lidClosures } from '../../../../src/engine/animate/driving/eyelids.ts';
import { findJumps } from '../../../../src/engine/animate/driving/jumps.ts';
import { sizeAt, zOfSize } from '../../../../src/engine/animate/driving/observe.ts';
import { presenceOf } from '../../../../src/engine/animate/driving/presence.ts';
import { eyeRegions } from '../../../../src/engine/animate/face/regions.ts';
import { headAtRest, type MotionTrack } from '../../../../src/engine/animate/motion/track.ts';
import { frames, makeDriver } from './made-driver.ts';

const { rest, clip, fit } = await makeDriver();

describe('where a face is lost', () => {
  it('the motion is held, eased back to rest, and taken up again', async () => {
    const lost = (k: number): boolean => k >= 40 && k < 80;
    const turned = (k: number): boolean => k >= 30 && k < 100;
    const track = clip(
      frames(170, (k) => ({
        head: { ...headAtRest, yaw: turned(k) ? 8 : 0 },
        ...(lost(k) && { tracked: false }),
      })),
    );
    const { frames: fitted } = await fit(track);
    const yaw = fitted.map(({ head }) => head!.yaw);
    expect(yaw[39]!).toBeGreaterThan(6);
    expect(Math.abs(yaw[47]! - yaw[40]!)).toBeLessThan(1.5);
    expect(Math.abs(yaw[78]!)).toBeLessThan(0.01);
    expect(yaw[94]!).toBeGreaterThan(7);
    for (let k = 41; k < 99; k++) expect(Math.abs(yaw[k]! - yaw[k - 1]!)).toBeLessThan(2);
    expect(fitted.filter(({ tracked }) => tracked === false)).toHaveLength(40);
  });

  it('at the beginning it starts from rest', () => {
    const shares = presenceOf([...Array<boolean>(30).fill(false), ...Array<boolean>(30).fill(true)], 30);
    expect(Math.max(...shares.slice(0, 30))).toBe(0);
    expect(shares[59]).toBe(1);
    expect(presenceOf([true, true], 30)).toEqual(Float64Array.of(1, 1));
  });
});

describe('a cut', () => {
  const cut = (): MotionTrack =>
    clip(
      frames(120, (k) => ({
        head: k < 60 ? { ...headAtRest, yaw: -10, z: -40 } : { ...headAtRest, yaw: 18, x: 20, z: -20 },
        blendshapes: { jawOpen: k % 20 < 10 ? 0.2 : 0 },
      })),
    );

  it('is found where no neck could have brought the head, and not in fast motion', () => {
    expect(findJumps(cut())).toEqual([60]);
    const fast = clip(
      frames(60, (k) => ({ head: { ...headAtRest, yaw: 25 * Math.sin((2 * Math.PI * 1.5 * k) / 30) } })),
    );
    expect(findJumps(fast)).toEqual([]);
  });

  it('begins a shot with a rest of its own, and the portrait does not leap', async () => {
    const { frames: fitted } = await fit(cut());
    const yaw = fitted.map(({ head }) => head!.yaw);
    expect(Math.max(...yaw.map(Math.abs))).toBeLessThan(0.5);
    // Turned one way before the cut, the other way after it: 14 degrees apart, shown as a turn of a third of a second.
    const turning = clip(
      frames(160, (k) => ({
        head: { ...headAtRest, yaw: k < 80 ? -10 + (k >= 60 ? 7 : 0) : 30 - (k < 100 ? 7 : 0), z: k < 80 ? -40 : -20 },
      })),
    );
    const turned = (await fit(turning)).frames.map(({ head }) => head!.yaw);
    expect(turned[78]!).toBeGreaterThan(5);
    expect(turned[92]!).toBeLessThan(-5);
    expect(Math.abs(turned[80]! - turned[79]!)).toBeLessThan(1);
    for (let k = 76; k < 94; k++) expect(Math.abs(turned[k]! - turned[k - 1]!)).toBeLessThan(3.5);
  });
});

describe('lids', () => {
  /** Openings as shares of what is usual, the right eye and the left. */
  const meshesFor = (openings: readonly (readonly [number, number])[]): Float64Array[] =>
    openings.map((pair) => {
      const mesh = Float64Array.from(rest);
      eyeRegions.forEach(({ upper, lower }, side) => {
        const middle = (mesh[3 * upper[3]! + 1]! + mesh[3 * lower[4]! + 1]!) / 2;
        for (const i of [...upper, ...lower.slice(1, -1)])
          mesh[3 * i + 1] = middle + (mesh[3 * i + 1]! - middle) * pair[side]!;
      });
      return mesh;
    });

  it('are shut relative to the median of the clip, together unless it is a wink', () => {
    const usual: [number, number][] = Array.from({ length: 40 }, () => [1, 1]);
    const openings = [...usual, [0.25, 0.25], [0.25, 1], [1.3, 1.3], [0.7, 0.8]] as [number, number][];
    const closures = lidClosures(
      meshesFor(openings),
      openings.map(() => true),
    ).slice(40);
    expect(closures[0]).toEqual([1, 1]);
    expect(closures[1]![0]).toBe(1);
    expect(Math.abs(closures[1]![1])).toBeLessThan(0.1);
    expect(closures[2]![0]).toBeLessThan(-0.1);
    expect(closures[3]![0]).toBe(closures[3]![1]);
    expect(closures[3]![0]).toBeGreaterThan(0.2);
  });

  it('do not call half-open eyes shut in a clip without a blink', () => {
    const openings = Array.from({ length: 40 }, (_, k): [number, number] => [1 - 0.002 * k, 1 - 0.002 * k]);
    const closures = lidClosures(
      meshesFor(openings),
      openings.map(() => true),
    );
    expect(Math.max(...closures.flat())).toBeLessThan(0.2);
  });

  it.each([1, 2])("shut for %i frames of 30 a second close the portrait's eyes", async (count) => {
    const shut = (k: number): boolean => k >= 50 && k < 50 + count;
    const blink = { eyeBlinkLeft: 1, eyeBlinkRight: 1 };
    const { frames: fitted } = await fit(clip(frames(90, (k) => (shut(k) ? { blendshapes: blink } : {}))));
    fitted.forEach(({ blendshapes = {} }, k) => {
      if (shut(k)) expect([blendshapes.eyeBlinkLeft, blendshapes.eyeBlinkRight]).toEqual([1, 1]);
      else expect(blendshapes.eyeBlinkLeft ?? 0).toBeLessThan(0.9);
    });
  });
});

describe('a head that comes nearer', () => {
  it('grows by its distance, and never through the camera', () => {
    expect(sizeAt(0)).toBe(1);
    expect(sizeAt(-30)).toBe(2);
    expect(zOfSize(sizeAt(-30))).toBeCloseTo(-30, 9);
    for (const z of [-55, -60, -61, -500]) {
      expect(sizeAt(z)).toBe(12);
      for (const value of Object.values(relativeHead({ ...headAtRest, z }, headAtRest)))
        expect(Number.isFinite(value)).toBe(true);
    }
  });
});
