/**
 * Looks for processes by their command lines. A bare machine has no `ps` and no `pgrep`, and a test that only asks
 * whether `pgrep` fails would pass there for the wrong reason; on Linux this reads /proc.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface RunningProcess {
  readonly pid: number;
  readonly args: string;
}

/** Processes, other than this one, whose command line contains `text`. */
export function processesNaming(text: string): RunningProcess[] {
  return all().filter(({ pid, args }) => pid !== process.pid && args.includes(text));
}

function all(): RunningProcess[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
          return args === '' ? [] : [{ pid: Number(name), args }];
        } catch {
          return []; // it ended between the listing and the look
        }
      });
  }
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const match = /^\s*(\d+)\s+(.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), args: match[2]! }] : [];
  });
}
