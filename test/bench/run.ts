/**
 * `npm run bench [names...]`: runs the benchmarks one after another (all of them when none is named: interpolation, job,
 * memory, start, bot, animate, watermark, usage-log), prints their tables and writes `bench-results/*.json`. With `--readme` the
 * README's table is made of what was last measured on this machine.
 */
import { benchAnimate } from './animate.ts';
import { benchBot } from './bot.ts';
import { benchInterpolation } from './interpolation.ts';
import { benchJob } from './job.ts';
import { benchMemory } from './memory.ts';
import { benchTable, type BenchResult, describeBenchMachine, writeBenchResult, writeReadmeTable } from './report.ts';
import { benchStart } from './start.ts';
import { benchUsageLog } from './usage-log.ts';
import { benchWatermark } from './watermark.ts';
import { watermarkOptions } from './watermark-options.ts';

const benchmarks: Readonly<Record<string, () => Promise<BenchResult>>> = {
  interpolation: () => benchInterpolation(),
  job: benchJob,
  memory: benchMemory,
  start: benchStart,
  bot: () => benchBot(),
  animate: benchAnimate,
  watermark: () => benchWatermark(watermarkOptions(process.argv.slice(2))),
  'usage-log': () => benchUsageLog(),
};

const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith('--'));
const unknown = names.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(`no benchmark is called ${unknown.join(', ')}; there are ${Object.keys(benchmarks).join(', ')}`);
  process.exit(2);
}

console.log(describeBenchMachine());
for (const [name, run] of Object.entries(benchmarks)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const result = await run();
  console.log(`\n${benchTable(result.rows)}\n${await writeBenchResult(result)}`);
}
if (words.includes('--readme')) await writeReadmeTable(Object.keys(benchmarks));
