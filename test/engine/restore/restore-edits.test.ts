/** What a restoration says that it did: as it came out, and no more than it did. */
import { expect, it } from 'vitest';

import { restoreEdits } from '../../../src/engine/restore/restore-edits.ts';

type Done = Parameters<typeof restoreEdits>[0];

const rate = { num: 25, den: 1 };
const plan = {
  source: { width: 320, height: 240, rate },
  upscaling: {},
  denoise: undefined,
  deflicker: false,
  stabilise: false,
  deinterlacing: { fields: 'progressive' },
} as unknown as Done['plan'];
const output = { width: 320, height: 240, rate };

const actions = (done: Partial<Done>): readonly string[] =>
  restoreEdits({ plan, output, ...done }).map(({ action }) => action);

it('a clip that nothing was done to was encoded again', () => {
  expect(actions({})).toEqual(['transcoded']);
});

it('tells the size and the rate that came out, and not those that were planned', () => {
  const networks = { ...plan, upscaling: { network: 'x4plus' }, interpolation: 'rife' } as unknown as Done['plan'];
  const small = { width: 640, height: 480, rate: { num: 30, den: 1 } };
  const told = restoreEdits({ plan: networks, output: small }).map(({ description }) => description);
  expect(told).toEqual([
    'Resized from 320x240 to 640x480 by a neural network (x4plus)',
    'Frames between made by a neural network (rife), from 25 to 30 a second',
  ]);
  expect(actions({ plan, output: { ...output, width: 160, height: 120 } })).toEqual(['resized']);
});

it('tells what was added: grain, a sound, a line of text', () => {
  const added = { plan: { ...plan, grain: 2, label: 'Restored' }, addedSound: { kind: 'ambience', name: 'rain' } };
  expect(actions(added as Partial<Done>)).toEqual(['added', 'added', 'added']);
});
