/** Message and form components: one loose shape for all of them (the API description has checked each), and walks over trees. */
import { type ButtonStyle, ComponentType } from 'discord.js';

export interface SelectOption {
  readonly label: string;
  readonly value: string;
  readonly description?: string;
  readonly default?: boolean;
}

export interface Component {
  readonly type: ComponentType;
  readonly id?: number;
  readonly custom_id?: string;
  readonly components?: readonly Component[];
  /** Of a section. */
  readonly accessory?: Component;
  /** Of a label in a form. */
  readonly component?: Component;
  // buttons
  readonly style?: ButtonStyle;
  readonly label?: string;
  readonly emoji?: { readonly id?: string | null; readonly name?: string };
  readonly url?: string;
  readonly sku_id?: string;
  readonly disabled?: boolean;
  // selects and file uploads
  readonly options?: readonly SelectOption[];
  readonly min_values?: number;
  readonly max_values?: number;
  readonly placeholder?: string;
  readonly required?: boolean;
  // text inputs
  readonly min_length?: number;
  readonly max_length?: number;
  readonly value?: string;
  // text displays
  readonly content?: string;
  // media and files
  readonly media?: { readonly url: string };
  readonly items?: readonly { readonly media: { readonly url: string }; readonly spoiler?: boolean }[];
  readonly file?: { readonly url: string };
  readonly spoiler?: boolean;
  readonly description?: string | null;
  // containers and separators
  readonly accent_color?: number | null;
  readonly spacing?: number;
  readonly divider?: boolean;
}

/** A component where it stands in the request's body. */
export interface PlacedComponent {
  readonly component: Component;
  readonly path: readonly (string | number)[];
}

/** Every component of a tree, outermost first. */
export function everyComponent(
  components: readonly Component[],
  path: readonly (string | number)[] = ['components'],
): PlacedComponent[] {
  return components.flatMap((component, at): PlacedComponent[] => {
    const here = [...path, at];
    const only = (key: 'accessory' | 'component'): PlacedComponent[] => {
      const inner = component[key];
      if (!inner) return [];
      const [first, ...rest] = everyComponent([inner], []);
      return [first!, ...rest].map((placed) => ({
        component: placed.component,
        path: [...here, key, ...placed.path.slice(1)],
      }));
    };
    return [
      { component, path: here },
      ...everyComponent(component.components ?? [], [...here, 'components']),
      ...only('accessory'),
      ...only('component'),
    ];
  });
}

const SELECTS: readonly ComponentType[] = [
  ComponentType.StringSelect,
  ComponentType.UserSelect,
  ComponentType.RoleSelect,
  ComponentType.MentionableSelect,
  ComponentType.ChannelSelect,
];

export const isSelect = ({ type }: Component): boolean => SELECTS.includes(type);

/** What Discord fills in where a request left it out, by what the component is. */
function defaultsOf(component: Component): Partial<Component> {
  if (isSelect(component)) return { min_values: 1, max_values: 1 };
  if (component.type === ComponentType.Separator) return { spacing: 1, divider: true };
  if (component.type === ComponentType.Container) return { spoiler: false, accent_color: null };
  if (component.type === ComponentType.Thumbnail) return { spoiler: false, description: null };
  return component.type === ComponentType.File ? { spoiler: false } : {};
}

/** The same tree as Discord gives it back: with an id for each component, counting from 1, and its defaults. */
export function completed(components: readonly Component[]): Component[] {
  const taken = new Set(everyComponent(components).map(({ component }) => component.id));
  let next = 1;
  const freeId = (): number => {
    while (taken.has(next)) next += 1;
    taken.add(next);
    return next;
  };
  const complete = (component: Component): Component => ({
    ...defaultsOf(component),
    ...component,
    id: component.id ?? freeId(),
    ...(component.components && { components: component.components.map(complete) }),
    ...(component.accessory && { accessory: complete(component.accessory) }),
    ...(component.component && { component: complete(component.component) }),
  });
  return components.map(complete);
}

/** Addresses of what a component shows. */
export const mediaOf = ({ media, items, file }: Component): string[] =>
  [media, file, ...(items ?? []).map((item) => item.media)].flatMap((shown) => shown?.url ?? []);
