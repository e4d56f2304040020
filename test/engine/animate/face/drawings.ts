/** What tests draw over faces, or instead of them, as the insides of an SVG in the picture's own coordinates. */
import type { Face } from '../../../../src/engine/animate/face/face.ts';
import { eyeRegions } from '../../../../src/engine/animate/face/regions.ts';

type Point = readonly [number, number];

const at =
  ({ points }: Face) =>
  (vertex: number): Point => [points[3 * vertex]!, points[3 * vertex + 1]!];
const path = (points: readonly Point[]): string => points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');

/** Dark glasses with a little light on them. */
export function glasses(face: Face): string {
  const [point, cm] = [at(face), face.pose.scale];
  const lenses = eyeRegions.map(({ outer, inner }) => {
    const [a, b] = [point(outer), point(inner)];
    const [x, y] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    return (
      `<ellipse cx="${x}" cy="${y}" rx="${2.6 * cm}" ry="${2.1 * cm}" fill="#14120f"/>` +
      `<ellipse cx="${x - 0.8 * cm}" cy="${y - 0.7 * cm}" rx="${0.7 * cm}" ry="${0.4 * cm}" fill="#55524f"/>`
    );
  });
  const [from, to] = [point(133), point(362)];
  const bridge = `<line x1="${from[0]}" y1="${from[1]}" x2="${to[0]}" y2="${to[1]}" stroke="#14120f" stroke-width="${cm / 2}"/>`;
  return lenses.join('') + bridge;
}

/** Four fingers over the mouth. */
export function hand(face: Face): string {
  const [point, cm] = [at(face), face.pose.scale];
  const [x, y] = [point(13)[0] - 5.5 * cm, (point(13)[1] + point(14)[1]) / 2 - 2.6 * cm];
  const finger = (i: number): string =>
    `<rect x="${x}" y="${y + i * 1.75 * cm}" width="${9.5 * cm}" height="${1.7 * cm}" rx="${0.8 * cm}" ` +
    `fill="#b98a64" stroke="#7a5238" stroke-width="${0.12 * cm}"/>`;
  return [0, 1, 2, 3].map(finger).join('');
}

/** Skin over both eyes with a line where the lids meet. */
export function closedLids(face: Face, skin: string): string {
  const cm = face.pose.scale;
  const drawn = eyeRegions.map(({ lower, upper }, side) => {
    const { lids } = face.eyes[side]!;
    const points = [...lower, ...upper.toReversed()].map((vertex) => lids.get(vertex)!);
    const line = lower.map((vertex) => lids.get(vertex)!);
    return (
      `<polygon points="${path(points)}" fill="${skin}" stroke="${skin}" stroke-width="${1.3 * cm}" stroke-linejoin="round"` +
      ` filter="url(#soft)"/>` +
      `<polyline points="${path(line)}" fill="none" stroke="#3a2416" stroke-width="${0.2 * cm}"/>`
    );
  });
  const soft = `<filter id="soft"><feGaussianBlur stdDeviation="${0.15 * cm}"/></filter>`;
  return `<defs>${soft}</defs>${drawn.join('')}`;
}

/** A face as a child's book has it, 512 x 512. */
export const cartoon = `
  <rect width="512" height="512" fill="#8fc7e8"/>
  <path d="M90 250 C70 60 440 60 422 250 L430 330 L82 330 Z" fill="#6b3f1d"/>
  <ellipse cx="256" cy="280" rx="140" ry="170" fill="#f6cfae" stroke="#5b3a22" stroke-width="5"/>
  <path d="M120 220 C150 110 360 110 392 220 C330 170 180 170 120 220 Z" fill="#6b3f1d"/>
  <g stroke="#4a2d16" stroke-width="9" fill="none" stroke-linecap="round">
    <path d="M166 222 Q200 202 232 220"/><path d="M280 220 Q312 202 346 222"/>
  </g>
  <g stroke="#3a2a20" stroke-width="4">
    <ellipse cx="200" cy="262" rx="32" ry="21" fill="#fff"/><ellipse cx="312" cy="262" rx="32" ry="21" fill="#fff"/>
  </g>
  <circle cx="200" cy="262" r="16" fill="#3b6ea5"/><circle cx="312" cy="262" r="16" fill="#3b6ea5"/>
  <circle cx="200" cy="262" r="8"/><circle cx="312" cy="262" r="8"/>
  <path d="M256 270 Q240 325 250 334 Q258 340 270 332" fill="none" stroke="#b57a55" stroke-width="6"/>
  <path d="M196 372 Q256 352 316 372 Q256 422 196 372 Z" fill="#c8504d" stroke="#7e2c2a" stroke-width="3"/>
  <path d="M196 372 Q256 384 316 372" fill="none" stroke="#7e2c2a" stroke-width="4"/>`;
