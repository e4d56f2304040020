/** The motions that need no clip, by name; what each does stands in `presets/`. */
export const presetNames = [
  'painting',
  'nod',
  'shake',
  'look-around',
  'smile',
  'laugh',
  'wink',
  'surprise',
  'talk',
  'sing',
  'kiss',
  'sleepy',
  'dance',
  'still',
] as const;
export type PresetName = (typeof presetNames)[number];
