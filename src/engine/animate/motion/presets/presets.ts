/** Every preset by its name. */
import type { Preset } from '../phrase.ts';
import type { PresetName } from '../preset-names.ts';
import { dance } from './dance.ts';
import { kiss } from './kiss.ts';
import { laugh } from './laugh.ts';
import { lookAround } from './look-around.ts';
import { nod } from './nod.ts';
import { painting } from './painting.ts';
import { shake } from './shake.ts';
import { sing } from './sing.ts';
import { sleepy } from './sleepy.ts';
import { smile } from './smile.ts';
import { still } from './still.ts';
import { surprise } from './surprise.ts';
import { talk } from './talk.ts';
import { wink } from './wink.ts';

export const presets: Readonly<Record<PresetName, Preset>> = {
  painting,
  nod,
  shake,
  'look-around': lookAround,
  smile,
  laugh,
  wink,
  surprise,
  talk,
  sing,
  kiss,
  sleepy,
  dance,
  still,
};
