/** What Discord asks of a form beyond its schema. */
import { ComponentType } from 'discord.js';
import { everyComponent } from '../components.ts';
import { type FormFault, formFault } from '../errors.ts';
import type { Modal } from '../interactions.ts';

const MOST_PARTS = 5;
const MOST_TITLE = 45;

function rowFaults({ components }: Modal): FormFault[] {
  return components.flatMap(({ type, components: inner = [] }, at) =>
    type === ComponentType.ActionRow && (inner.length !== 1 || inner[0]?.type !== ComponentType.TextInput)
      ? [
          formFault(
            ['data', 'components', at],
            'COMPONENT_LAYOUT_INVALID',
            'An action row in a modal holds one text input',
          ),
        ]
      : [],
  );
}

/** A text input has its caption itself in an action row, and from its label in a label. */
function captionFaults({ components }: Modal): FormFault[] {
  return components.flatMap(({ type, components: inner = [], component }, at) => {
    if (type === ComponentType.ActionRow && inner[0]?.label === undefined) {
      return [
        formFault(['data', 'components', at, 'components', 0, 'label'], 'BASE_TYPE_REQUIRED', 'This field is required'),
      ];
    }
    if (type === ComponentType.Label && component?.label !== undefined) {
      return [
        formFault(
          ['data', 'components', at, 'component', 'label'],
          'UNKNOWN_FIELD',
          'Inside a label the label is the caption',
        ),
      ];
    }
    return [];
  });
}

function rangeFaults(modal: Modal): FormFault[] {
  return everyComponent(modal.components, ['data', 'components']).flatMap(({ component, path }) => {
    const { min_length = 0, max_length = 4000, min_values = 0, max_values = 25, value } = component;
    if (min_length > max_length)
      return [formFault([...path, 'min_length'], 'BASE_TYPE_MAX', 'min_length is above max_length')];
    if (min_values > max_values)
      return [formFault([...path, 'min_values'], 'BASE_TYPE_MAX', 'min_values is above max_values')];
    if (value !== undefined && value.length > max_length) {
      return [formFault([...path, 'value'], 'BASE_TYPE_MAX_LENGTH', `Must be ${max_length} or fewer in length.`)];
    }
    return [];
  });
}

export function modalFaults(modal: Modal): FormFault[] {
  const ids = everyComponent(modal.components).flatMap(({ component }) => component.custom_id ?? []);
  const faults = [...rowFaults(modal), ...captionFaults(modal), ...rangeFaults(modal)];
  if (modal.title.length === 0 || modal.title.length > MOST_TITLE) {
    faults.push(formFault(['data', 'title'], 'BASE_TYPE_BAD_LENGTH', `Must be between 1 and ${MOST_TITLE} in length.`));
  }
  if (modal.components.length === 0 || modal.components.length > MOST_PARTS) {
    faults.push(
      formFault(['data', 'components'], 'BASE_TYPE_BAD_LENGTH', `Must be between 1 and ${MOST_PARTS} in length.`),
    );
  }
  if (new Set(ids).size < ids.length) {
    faults.push(
      formFault(['data', 'components'], 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated'),
    );
  }
  return faults;
}
