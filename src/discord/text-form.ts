/** A form with one field for text, as a button or a command shows it. */
import { ComponentType, type RESTPostAPIInteractionCallbackJSONBody, TextInputStyle } from 'discord.js';

export type TextForm = Extract<RESTPostAPIInteractionCallbackJSONBody, { type: 9 }>['data'];

export interface TextFormView {
  /** From `writeCustomId`: what answers the form. */
  readonly customId: string;
  readonly title: string;
  /** Above the field. */
  readonly label: string;
  /** Below the label: what is kept of it, who reads it. */
  readonly description: string;
  /** Name under which `interaction.fields.getTextInputValue` gives what was written. */
  readonly field: string;
  /** Characters. */
  readonly least: number;
  readonly most: number;
  /** Several lines. */
  readonly isLong?: boolean;
}

export function textForm({
  customId,
  title,
  label,
  description,
  field,
  least,
  most,
  isLong = false,
}: TextFormView): TextForm {
  return {
    custom_id: customId,
    title,
    components: [
      {
        type: ComponentType.Label,
        label,
        description,
        component: {
          type: ComponentType.TextInput,
          custom_id: field,
          style: isLong ? TextInputStyle.Paragraph : TextInputStyle.Short,
          min_length: least,
          max_length: most,
          required: true,
        },
      },
    ],
  };
}
