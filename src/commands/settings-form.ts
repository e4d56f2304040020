/** The forms of `/settings`: numbers as a moderator writes them, and what they are read as. */
import {
  type APIModalInteractionResponseCallbackData,
  ComponentType,
  type ModalSubmitInteraction,
  TextInputStyle,
} from 'discord.js';

import type { Translate } from '../locale.ts';
import { Refusal } from '../policy/refusal.ts';
import type { NumberInput } from './settings-fields.ts';

/** A form has one line for each number; Discord cuts labels at 45 characters. */
const longestLabel = 45;
const longestHint = 100;

export interface NumberForm<Name extends string> {
  readonly customId: string;
  readonly title: string;
  readonly inputs: readonly NumberInput<Name>[];
  /** What is set now, as the row has it. */
  readonly current: (name: Name) => number | undefined;
  readonly most: (name: Name) => number;
  readonly hint: (name: Name) => string;
}

export function numberForm<Name extends string>(
  { customId, title, inputs, current, most, hint }: NumberForm<Name>,
  t: Translate,
): APIModalInteractionResponseCallbackData {
  return {
    custom_id: customId,
    title: title.slice(0, longestLabel),
    components: inputs.map(({ name, unit }) => {
      const value = current(name);
      return {
        type: ComponentType.Label,
        label: t(`settings.input.${name}`).slice(0, longestLabel),
        description: hint(name).slice(0, longestHint),
        component: {
          type: ComponentType.TextInput,
          custom_id: name,
          style: TextInputStyle.Short,
          required: false,
          max_length: String(most(name)).length + 2,
          ...(value !== undefined && { value: String(Math.floor(value / unit)) }),
        },
      };
    }),
  };
}

/**
 * The figures as the row keeps them, null for those left empty.
 * @throws Refusal `refusal.setting-no-number` for what is no whole number in its range: nothing above the operator's is taken.
 */
export function readNumbers<Name extends string>(
  { fields }: ModalSubmitInteraction,
  inputs: readonly NumberInput<Name>[],
  most: (name: Name) => number,
  t: Translate,
): Partial<Record<Name, number | null>> {
  const read: Partial<Record<Name, number | null>> = {};
  for (const { name, unit, least } of inputs) {
    const written = fields.getTextInputValue(name).trim();
    const value = Number(written);
    if (written !== '' && (!/^\d+$/.test(written) || value < least || value > most(name))) {
      throw new Refusal('refusal.setting-no-number', { name: t(`settings.input.${name}`), least, most: most(name) });
    }
    read[name] = written === '' ? null : value * unit;
  }
  return read;
}
