/** Whether a process of this machine is there: what it left behind may go once it is not. */

/** @param pid of a process that may be anybody's. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process under that number counts as alive: better a file too many.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
