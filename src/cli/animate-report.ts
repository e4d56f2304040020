/** What `lumiere animate` says: what was found in the picture before the work, and how the result came out after it. */
import type { PreparedAnimation } from '../engine/animate/prepare.ts';
import type { AnimationReport, AnimationWarning } from '../engine/animate/report.ts';
import { toNumber } from '../engine/rational.ts';
import { formatDuration } from '../locale.ts';
import { describeGivenUp, rateOf } from '../given-up.ts';
import type { Run } from './run.ts';
import { table } from './terminal.ts';

/** Prints the picture, its faces, what comes out and how long that should take. */
export function printPlan(prepared: PreparedAnimation, { t, terminal }: Run): void {
  const { photoPath, original, faces, chosen, output, rate, frames, warnings, predictedSeconds, request } = prepared;
  const { motion, strength, camera, maxBytes } = request;
  const moving = motion.kind === 'none' || strength === 0 ? [] : chosen;
  terminal.line(
    t('animate.source', { path: photoPath, width: original.width, height: original.height, count: faces.length }),
  );
  const rows = faces.map((face) => [
    `  ${face.number}`,
    `${Math.round(face.box.width)}x${Math.round(face.box.height)}`,
    t(moving.includes(face) ? 'animate.face-moves' : 'animate.face-still', {
      x: Math.round(face.box.x + face.box.width / 2),
      y: Math.round(face.box.y + face.box.height / 2),
    }),
  ]);
  for (const line of table(rows)) terminal.line(line);
  terminal.line(
    t('restore.output', {
      width: output.width,
      height: output.height,
      rate: rateOf(rate),
      seconds: frames / toNumber(rate),
      frames,
    }),
  );
  if (camera !== 'none') terminal.line(t('animate.camera', { move: camera }));
  if (maxBytes !== undefined) terminal.line(t('plan.note.second-encode', { bytes: maxBytes }));
  terminal.line(t('animate.predicted', { time: formatDuration(predictedSeconds) }));
  for (const { code, params } of warnings) terminal.line(`  - ${t(`warnings.${code}`, params)}`);
}

/**
 * Prints where the result is, how real it looks and why not more, what was held back and what was given up. Warnings that
 * were `told` with the plan are not told again.
 */
export function printAnimation(report: AnimationReport, told: readonly AnimationWarning[], { t, terminal }: Run): void {
  const { output, realism, measures } = report;
  terminal.line(
    t('animate.done', {
      path: output.path,
      width: output.width,
      height: output.height,
      rate: rateOf(output.rate),
      seconds: toNumber(output.duration),
      bytes: output.bytes,
      time: formatDuration(report.seconds),
    }),
  );
  if (realism !== undefined) {
    terminal.line(t('animate.realism', { score: realism.score, band: t(`realism.${realism.band}`) }));
    for (const { name, points } of realism.parts) {
      terminal.line(`  - ${t('animate.realism-part', { part: t(`realism-part.${name}`), points })}`);
    }
  }
  const rows = measures.map((row) => {
    const { atLeast, atMost } = row.wanted;
    const bounds = [
      ...(atLeast === undefined ? [] : [`>= ${atLeast}`]),
      ...(atMost === undefined ? [] : [`<= ${atMost}`]),
    ];
    if ('missing' in row) return [`  ${t(`measure.${row.name}`)}`, '', '', t(`measure-missing.${row.missing}`)];
    const verdict = t(row.passed ? 'animate.reached' : 'animate.missed');
    return [`  ${t(`measure.${row.name}`)}`, row.value.toFixed(row.value >= 10 ? 1 : 3), bounds.join(', '), verdict];
  });
  for (const line of table(rows)) terminal.line(line);
  for (const { code, value, frames } of report.limits) {
    terminal.line(`  - ${t(`limits.${code}`, { value: Math.round(value * 10) / 10, count: frames })}`);
  }
  for (const given of report.givenUp) terminal.line(`  - ${describeGivenUp(given, t)}`);
  const news = report.warnings.filter((warning) => !told.includes(warning));
  for (const { code, params } of news) terminal.line(`  - ${t(`warnings.${code}`, params)}`);
}
