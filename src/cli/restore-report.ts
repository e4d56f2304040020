/** What `lumiere restore` says: the plan before the work and the report after it. */
import type { Probe } from '../engine/media/probe-result.ts';
import { toNumber } from '../engine/rational.ts';
import type { PreparedRestore } from '../engine/restore/prepare.ts';
import type { RestoreReport } from '../engine/restore/restore.ts';
import { formatDuration } from '../locale.ts';
import { describeGivenUp, rateOf } from '../given-up.ts';
import type { Run } from './run.ts';
import { table } from './terminal.ts';

function describeSource({ video, audio, path }: Probe, { t }: Run): string {
  return t('restore.source', {
    path,
    width: video.width,
    height: video.height,
    rate: rateOf(video.rate),
    seconds: toNumber(video.duration),
    frames: video.frameCount.count,
    sound: t(audio.length > 0 ? 'restore.with-sound' : 'restore.silent'),
  });
}

/** Prints the stages with their seconds, what comes out, and what is done differently from what was asked. */
export function printPlan({ probe, plan }: PreparedRestore, run: Run): void {
  const { t, terminal } = run;
  terminal.line(describeSource(probe, run));
  const rows = plan.stages.map(({ stage, params, networks, seconds }) => [
    `  ${t(`plan.stage.${stage}.name`)}`,
    seconds >= 0.05 ? t('plan.seconds', { seconds }) : '',
    t(`plan.stage.${stage}`, params) + (networks.length > 0 ? ` (${networks.join(' + ')})` : ''),
  ]);
  for (const line of table(rows)) terminal.line(line);
  const { output } = plan;
  terminal.line(
    t('restore.output', {
      width: output.width,
      height: output.height,
      rate: rateOf(output.rate),
      seconds: toNumber(output.duration),
      frames: output.frames,
    }),
  );
  terminal.line(
    t(plan.predictionMeasured ? 'restore.predicted' : 'restore.predicted-elsewhere', {
      time: formatDuration(plan.predictedSeconds),
    }),
  );
  for (const { code, params } of plan.notes) terminal.line(`  - ${t(`plan.note.${code}`, params)}`);
  for (const { code, params } of probe.warnings) terminal.line(`  - ${t(`warnings.${code}`, params)}`);
}

/** Prints where the result is, what it is, what was given up for a size limit and what was met on the way. */
export function printReport(report: RestoreReport, { t, terminal }: Run): void {
  const { output } = report;
  terminal.line(
    t('restore.done', {
      path: output.path,
      width: output.width,
      height: output.height,
      rate: rateOf(output.rate),
      bytes: output.bytes,
      time: formatDuration(report.seconds),
    }),
  );
  terminal.line(t('restore.counts', { ...report.frames }));
  for (const given of report.givenUp) terminal.line(`  - ${describeGivenUp(given, t)}`);
  for (const { code, params } of report.warnings) terminal.line(`  - ${t(`warnings.${code}`, params)}`);
  const { addedSound } = report;
  if (addedSound?.kind === 'ambience')
    terminal.line(`  - ${t('sound.added', { name: t(`sound.name.${addedSound.name}`) })}`);
  if (addedSound?.kind === 'file') terminal.line(`  - ${t('sound.added-file', { name: addedSound.file })}`);
}
