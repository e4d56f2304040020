/**
 * Errors that a person can act on. Each has a stable code; the sentence for it stands in `locales/*.json` under
 * `errors.<code>`, filled in with `params`. Anything else that is thrown is a bug and is treated as one.
 */

/** Every code, by what it is about. `test/locales.test.ts` checks that each has a sentence in each locale. */
export const errorCodes = [
  // the file that was given
  'input.not-found',
  'input.unreadable',
  'input.empty',
  'input.not-media',
  'input.neither',
  'input.photograph',
  'input.format-refused',
  'input.truncated',
  'input.no-video',
  'input.codec-unknown',
  'input.too-small',
  'input.too-large',
  'input.file-too-large',
  'input.too-long',
  'input.too-many-frames',
  'input.too-many-streams',
  'input.zero-duration',
  'input.rate-absurd',
  'input.corrupt',
  'input.hdr-refused',
  'input.no-likeness',
  'input.timeout',
  'input.photograph-unavailable',
  // the photograph and its faces
  'photo.format-unknown',
  'photo.format-refused',
  'photo.too-large',
  'photo.sensitive',
  'face.none',
  'face.number-unknown',
  'face.too-small',
  'face.too-turned',
  // what was asked for
  'request.invalid',
  'request.idle-option',
  'request.idle-beside',
  'request.nothing-moves',
  'request.sound-not-found',
  'request.sound-without-audio',
  'request.ambience-unknown',
  'request.unknown',
  'request.no-picture-known',
  'request.nothing-left',
  'request.block-unknown',
  // motion tracks, driving clips and speech
  'speech.no-sound',
  'speech.not-sound',
  'speech.silent',
  'driver.no-face',
  'driver.not-clip',
  'driver.too-short',
  'track.invalid',
  'track.not-json',
  'track.too-large',
  'track.too-long',
  'track.layout',
  'track.version',
  // the file to be written
  'output.unwritable',
  'output.disk-full',
  'output.data-folder',
  'output.data-folder-unmade',
  'output.size-unreachable',
  'output.encoder-failed',
  // marks on results
  'provenance.watermark-key-damaged',
  'provenance.log-key-damaged',
  'provenance.signing-key-damaged',
  'provenance.certificate-damaged',
  'provenance.no-key',
  'provenance.keys-unreadable',
  'provenance.keys-unwritable',
  'provenance.certificate-unreadable',
  'provenance.not-pem',
  'provenance.certificate-expired',
  'provenance.certificate-early',
  'provenance.certificate-usage',
  'provenance.certificate-order',
  'provenance.key-mismatch',
  'provenance.key-unfit',
  'provenance.file-too-large',
  // the usage log
  'audit.no-log',
  'audit.old-log',
  'audit.no-key',
  'audit.database',
  'audit.read-only',
  // weights and devices
  'model.unknown',
  'model.not-installed',
  'model.hash-mismatch',
  'model.hash-unknown',
  'model.unsupported-layer',
  'model.malformed',
  'model.signature',
  'model.download-failed',
  'device.unavailable',
  'device.failed',
  // the machine
  'tool.missing',
  'tool.memory',
  // the job
  'job.cancelled',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export type ErrorParams = Readonly<Record<string, string | number>>;

/** An error with a stable `code` and the `params` its sentence needs. `message` is for logs; people read the locale's sentence. */
export class LumiereError extends Error {
  override readonly name = 'LumiereError';
  readonly code: ErrorCode;
  readonly params: ErrorParams;

  constructor(code: ErrorCode, params: ErrorParams = {}, options?: ErrorOptions) {
    const detail = Object.entries(params)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ');
    super(detail === '' ? code : `${code} (${detail})`, options);
    this.code = code;
    this.params = params;
  }
}
