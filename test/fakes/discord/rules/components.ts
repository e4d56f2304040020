/** What Discord asks of message components beyond their schemas. */
import { ButtonStyle, ComponentType } from 'discord.js';
import { type Component, everyComponent, isSelect, mediaOf, type PlacedComponent } from '../components.ts';
import { type FormFault, formFault } from '../errors.ts';

const MOST_COMPONENTS = 40;
const MOST_ROWS = 5;
const MOST_BUTTONS_IN_A_ROW = 5;
const MOST_TEXT = 4000;

const ONLY_IN_V2: readonly ComponentType[] = [
  ComponentType.Section,
  ComponentType.TextDisplay,
  ComponentType.Thumbnail,
  ComponentType.MediaGallery,
  ComponentType.File,
  ComponentType.Separator,
  ComponentType.Container,
];

function buttonFaults({ component, path }: PlacedComponent): FormFault[] {
  const { style, custom_id, url, sku_id, label, emoji } = component;
  const isLink = style === ButtonStyle.Link;
  const isPremium = style === ButtonStyle.Premium;
  const faults: FormFault[] = [];
  if (!isLink && !isPremium && custom_id === undefined) {
    faults.push(formFault([...path, 'custom_id'], 'BASE_TYPE_REQUIRED', 'A custom id is required'));
  }
  if (isLink && url === undefined) {
    faults.push(formFault([...path, 'url'], 'BASE_TYPE_REQUIRED', 'A url is required'));
  }
  if (isPremium && sku_id === undefined) {
    faults.push(formFault([...path, 'sku_id'], 'BASE_TYPE_REQUIRED', 'A sku id is required'));
  }
  if (custom_id !== undefined && (url !== undefined || sku_id !== undefined)) {
    faults.push(
      formFault(
        path,
        'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE',
        'A custom id and url cannot both be specified',
      ),
    );
  }
  if (!isPremium && !label && !emoji) {
    faults.push(formFault(path, 'BUTTON_COMPONENT_INVALID_LABEL', 'A label or emoji is required'));
  }
  return faults;
}

function selectFaults({ component, path }: PlacedComponent): FormFault[] {
  const { options = [], min_values: least = 1, max_values: most = 1 } = component;
  const faults: FormFault[] = [];
  if (least > most) faults.push(formFault([...path, 'min_values'], 'BASE_TYPE_MAX', 'min_values is above max_values'));
  if (component.type !== ComponentType.StringSelect) return faults;
  if (options.length === 0) {
    faults.push(formFault([...path, 'options'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 25 in length.'));
  }
  if (most > Math.max(1, options.length)) {
    faults.push(formFault([...path, 'max_values'], 'BASE_TYPE_MAX', 'max_values is above the number of options'));
  }
  options.forEach(({ value }, at) => {
    if (options.findIndex((other) => other.value === value) < at) {
      faults.push(
        formFault(
          [...path, 'options', at, 'value'],
          'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
          'The specified option value is already used',
        ),
      );
    }
  });
  return faults;
}

function rowFaults({ component, path }: PlacedComponent): FormFault[] {
  const inner = component.components ?? [];
  const selects = inner.filter(isSelect).length;
  if (inner.length === 0)
    return [formFault([...path, 'components'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.')];
  if (inner.length > MOST_BUTTONS_IN_A_ROW || (selects > 0 && inner.length > 1)) {
    return [
      formFault(
        [...path, 'components'],
        'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
        'The specified component exceeds the maximum width',
      ),
    ];
  }
  return [];
}

function duplicateFaults(placed: readonly PlacedComponent[]): FormFault[] {
  const repeated = (of: (component: Component) => string | number | undefined): PlacedComponent[] =>
    placed.filter(({ component }, at) => {
      const value = of(component);
      return value !== undefined && placed.findIndex((other) => of(other.component) === value) < at;
    });
  return [
    ...repeated(({ custom_id }) => custom_id).map(({ path }) =>
      formFault([...path, 'custom_id'], 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated'),
    ),
    // 0 stands for "none given".
    ...repeated(({ id }) => (id === 0 ? undefined : id)).map(({ path }) =>
      formFault([...path, 'id'], 'COMPONENT_ID_DUPLICATED', 'Component id cannot be duplicated'),
    ),
  ];
}

function layoutFaults(
  components: readonly Component[],
  placed: readonly PlacedComponent[],
  isV2: boolean,
): FormFault[] {
  if (isV2) {
    const text = placed.reduce((length, { component }) => length + (component.content?.length ?? 0), 0);
    return [
      ...(placed.length > MOST_COMPONENTS
        ? [formFault(['components'], 'BASE_TYPE_BAD_LENGTH', `Must be ${MOST_COMPONENTS} or fewer in total.`)]
        : []),
      ...(text > MOST_TEXT
        ? [
            formFault(
              ['components'],
              'COMPONENT_TEXT_SIZE_EXCEEDED',
              `The text of all components exceeds ${MOST_TEXT} characters`,
            ),
          ]
        : []),
    ];
  }
  const misplaced = components.flatMap(({ type }, at) =>
    ONLY_IN_V2.includes(type)
      ? [formFault(['components', at, 'type'], 'BASE_TYPE_CHOICES', 'This component needs the IS_COMPONENTS_V2 flag')]
      : [],
  );
  return components.length > MOST_ROWS
    ? [...misplaced, formFault(['components'], 'BASE_TYPE_BAD_LENGTH', `Must be ${MOST_ROWS} or fewer in length.`)]
    : misplaced;
}

/** Media must name a file of the message or lie on the web; the File component takes only a file of the message. */
function mediaFaults(placed: readonly PlacedComponent[], filenames: readonly string[]): FormFault[] {
  return placed.flatMap(({ component, path }) =>
    mediaOf(component).flatMap((url) => {
      const name = url.startsWith('attachment://') ? url.slice('attachment://'.length) : undefined;
      if (name !== undefined) {
        return filenames.includes(name)
          ? []
          : [
              formFault(
                path,
                'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
                `The referenced attachment ${name} was not found`,
              ),
            ];
      }
      return component.type !== ComponentType.File && /^https?:\/\//.test(url)
        ? []
        : [formFault(path, 'URL_TYPE_INVALID_SCHEME', `Scheme of ${url} must be attachment, http or https`)];
    }),
  );
}

/**
 * @param components of a message, as the request will leave it.
 * @param isV2 whether the message has the IS_COMPONENTS_V2 flag.
 * @param filenames of the files that the message will have.
 */
export function componentFaults(
  components: readonly Component[],
  isV2: boolean,
  filenames: readonly string[],
): FormFault[] {
  const placed = everyComponent(components);
  const each = placed.flatMap((one) => {
    if (one.component.type === ComponentType.Button) return buttonFaults(one);
    if (one.component.type === ComponentType.ActionRow) return rowFaults(one);
    return isSelect(one.component) ? selectFaults(one) : [];
  });
  return [
    ...each,
    ...duplicateFaults(placed),
    ...layoutFaults(components, placed, isV2),
    ...mediaFaults(placed, filenames),
  ];
}
