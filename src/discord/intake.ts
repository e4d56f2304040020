/** The guarded download of a clip: from Discord's hosts only, streamed into the media store. */

/** Where clips may come from and how long that may take. */
export interface DownloadRules {
  /** Host names of Discord's CDN. */
  readonly hosts: readonly string[];
  /** `host:port` of test servers, which may be plain HTTP at a private address. Empty outside tests. */
  readonly testHosts: readonly string[];
}
