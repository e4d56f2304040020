/**
 * Keeps account of the process groups we started, kills them whole, and leaves none behind when this process ends.
 * When this process itself is killed outright, a tool finds its pipes closed and ends by itself: that is why every one of
 * them reads from or writes to a pipe of ours.
 */
import { spawn, type ChildProcess } from 'node:child_process';

const living = new Map<number, () => void>();
let watching = false;

/** `child` leads its own group (started `detached`), except on Windows, where its tree is killed by name of its root. */
export function watchGroup(child: ChildProcess, pid: number): { kill: () => void; forget: () => void } {
  const kill = () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (process.platform === 'win32') {
      spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' }).on('error', () => {
        child.kill('SIGKILL');
      });
      return;
    }
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The group ended between the look and the kill.
    }
  };
  living.set(pid, kill);
  if (!watching) {
    watching = true;
    process.once('exit', () => {
      for (const end of living.values()) end();
    });
  }
  return { kill, forget: () => void living.delete(pid) };
}
