/**
 * What a manifest says of a result, as c2pa-rs takes it: which actions made it, from what, with what, and that it is not for
 * training. Nothing in it names a person or a server: inputs stand there by what they are and by their hash.
 */
import * as z from 'zod';

/** IPTC's words for where a picture comes from. */
const sourceTypes = 'http://cv.iptc.org/newscodes/digitalsourcetype/';
const digitalSourceTypes = {
  /** Parts were invented by a trained network. */
  withTrained: `${sourceTypes}compositeWithTrainedAlgorithmicMedia`,
  /** Corrected or resampled; nothing was invented. */
  enhanced: `${sourceTypes}algorithmicallyEnhanced`,
  /** Put together from several things, any of which may or may not have been made by a network. */
  composite: `${sourceTypes}composite`,
} as const;

export const madeKinds = ['restoration', 'animation', 'comparison'] as const;
export type MadeKind = (typeof madeKinds)[number];

/** What else can be said in words that need no name. */
export type Part = 'clip' | 'photograph' | 'driver' | 'speech' | 'result';

export interface UsedFile {
  readonly part: Part;
  /** `image/jpeg`, `video/mp4`, … */
  readonly mediaType: string;
  /** Of its bytes. */
  readonly sha256: string;
  /** What marks of others it carried, in one line. */
  readonly marks?: string;
}

/** What was done to a clip, beyond opening it. */
export interface Edit {
  readonly action: 'enlarged' | 'resized' | 'interpolated' | 'cleaned' | 'added' | 'transcoded' | 'refitted';
  readonly description: string;
}

export interface MadeThing {
  readonly kind: MadeKind;
  readonly mediaType: string;
  /** What it was made from, the clip or photograph first. */
  readonly used: readonly UsedFile[];
  readonly edits: readonly Edit[];
  /** Of what is made from a result: whether a network invented parts of that; left out where it is not known. */
  readonly isFromTrained?: boolean;
  /** What was restored is an animation made here, or was made from one. */
  readonly isFromAnimation?: boolean;
  /** Payload of the invisible watermark, 12 hexadecimal digits. */
  readonly markId?: string;
  /** Version of this program. */
  readonly version: string;
  readonly now: Date;
}

export type ManifestDefinition = Readonly<Record<string, unknown>>;

/** Our own assertion: what a reader of ours wants to know without guessing. */
export const resultLabel = 'lumiere.result';
export const resultAssertion = z.object({
  version: z.literal(1),
  kind: z.enum(madeKinds),
  mark: z
    .string()
    .regex(/^[0-9a-f]{12}$/)
    .optional(),
  /** What it was made from at first. */
  from: z.literal('animation').optional(),
});

const titles: Readonly<Record<MadeKind, string>> = {
  restoration: 'Restored clip',
  animation: 'Animated photograph',
  comparison: 'Comparison of two clips or pictures',
};

const partTitles: Readonly<Record<Part, string>> = {
  clip: 'clip',
  photograph: 'photograph',
  driver: 'clip whose motion was followed',
  speech: 'speech',
  result: 'result',
};

/** Actions of C2PA for our edits, and whether a network may invent detail in them. */
const editActions: Readonly<Record<Edit['action'], { readonly action: string; readonly source?: string }>> = {
  enlarged: { action: 'c2pa.resized', source: digitalSourceTypes.withTrained },
  resized: { action: 'c2pa.resized', source: digitalSourceTypes.enhanced },
  interpolated: { action: 'c2pa.edited', source: digitalSourceTypes.withTrained },
  cleaned: { action: 'c2pa.edited', source: digitalSourceTypes.enhanced },
  /** Grain, a sound, a line of text: neither a correction nor a network's. */
  added: { action: 'c2pa.edited' },
  transcoded: { action: 'c2pa.transcoded', source: digitalSourceTypes.enhanced },
  /** Of what was made here, which says itself where it comes from. */
  refitted: { action: 'c2pa.transcoded' },
};

const notAllowed = { use: 'notAllowed' } as const;
/** CAWG Training and Data Mining 1.1; the same words as C2PA 1.4's own. */
const training = {
  entries: {
    'cawg.ai_inference': notAllowed,
    'cawg.ai_generative_training': notAllowed,
    'cawg.ai_training': notAllowed,
    'cawg.data_mining': notAllowed,
  },
};

/** What is said of a used file, under a name that actions refer to. */
export function ingredientOf(
  file: UsedFile,
  index: number,
  thing: Pick<MadeThing, 'kind' | 'used'>,
): Readonly<Record<string, string>> {
  const isInput = file.part === 'driver' || file.part === 'speech';
  return {
    title: partTitles[file.part],
    format: file.mediaType,
    relationship: isOpened(thing) && index === 0 ? 'parentOf' : isInput ? 'inputTo' : 'componentOf',
    document_id: `urn:sha256:${file.sha256}`,
    instance_id: `urn:sha256:${file.sha256}`,
    label: nameOf(index),
    ...(file.marks !== undefined && { description: file.marks }),
  };
}

/** It is an edited form of its first file, and not something new made from it. */
function isOpened({ kind, used }: Pick<MadeThing, 'kind' | 'used'>): boolean {
  return kind === 'restoration' || (kind === 'animation' && used[0]?.part === 'result');
}

const nameOf = (index: number): string => `used-${index + 1}`;

/** The definition, without the ingredients whose own manifests are read from their files. */
export function manifestFor(thing: MadeThing, embedded: readonly UsedFile[] = []): ManifestDefinition {
  const { kind, mediaType, used, markId, isFromAnimation, version, now } = thing;
  const ingredients = used.flatMap((file, index) =>
    embedded.includes(file) ? [] : [ingredientOf(file, index, thing)],
  );
  const generator = { name: 'Lumière', version };
  return {
    claim_generator_info: [generator],
    title: titles[kind],
    format: mediaType,
    ingredients,
    assertions: [
      { label: 'c2pa.actions.v2', data: { actions: actionsOf(thing, now.toISOString(), generator) }, created: true },
      { label: 'cawg.training-mining', data: training, created: true },
      {
        label: resultLabel,
        data: {
          version: 1,
          kind,
          ...(markId !== undefined && { mark: markId }),
          ...(isFromAnimation === true && { from: 'animation' }),
        },
        created: true,
      },
    ],
  };
}

type Action = Readonly<Record<string, unknown>>;

function actionsOf(thing: MadeThing, when: string, softwareAgent: object): readonly Action[] {
  const { kind, used, edits, isFromTrained, isFromAnimation, markId } = thing;
  const inherited =
    kind === 'animation' || isFromTrained === true || isFromAnimation === true
      ? { digitalSourceType: digitalSourceTypes.withTrained }
      : undefined;
  const begin: readonly Action[] = isOpened(thing)
    ? [{ action: 'c2pa.opened', when, softwareAgent, ...inherited, parameters: { ingredientIds: [nameOf(0)] } }]
    : [
        {
          action: 'c2pa.created',
          when,
          softwareAgent,
          digitalSourceType: digitalSourceTypes.composite,
          ...inherited,
          description: titles[kind],
        },
        ...used.map((_, index) => ({ action: 'c2pa.placed', parameters: { ingredientIds: [nameOf(index)] } })),
      ];
  return [
    ...begin,
    ...edits.map(({ action, description }) => {
      const { action: name, source } = editActions[action];
      const type = action === 'refitted' ? inherited : source && { digitalSourceType: source };
      return { action: name, when, softwareAgent, ...type, description };
    }),
    ...(markId === undefined
      ? []
      : [
          {
            action: 'c2pa.watermarked.unbound',
            when,
            softwareAgent,
            description: 'Invisible watermark in every frame',
          },
        ]),
  ];
}
