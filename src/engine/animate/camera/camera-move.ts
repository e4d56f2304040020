/** Camera moves over a still picture, by name. `parallax` parts the subject from its background. */
export const cameraMoves = [
  'none',
  'push-in',
  'pull-out',
  'pan-left',
  'pan-right',
  'drift',
  'hand-held',
  'parallax',
] as const;
export type CameraMove = (typeof cameraMoves)[number];
