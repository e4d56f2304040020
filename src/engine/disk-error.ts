/** Why a file could not be written, told by the system's code. */

/** No room left: on the disk, in a quota, or below the size that a file may have. */
export function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}
