/** Why a clip could not be fetched, in codes whose sentences stand in the locales under `download.<code>`. */

export type DownloadFault =
  /** The signed address is no longer good, or the message was deleted. */
  | 'expired'
  /** Not Discord's, or it leads elsewhere. */
  | 'host-refused'
  /** Cut, silent or out of order, again and again. */
  | 'failed'
  /** Longer than may be waited for. */
  | 'too-slow';

export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  readonly fault: DownloadFault;

  /** @param detail for the log: a status, a code of the system. Never an address, which is a secret while it is signed. */
  constructor(fault: DownloadFault, detail: string, options?: ErrorOptions) {
    super(`${fault}: ${detail}`, options);
    this.fault = fault;
  }
}
