/** A node of a TensorFlow graph as tfjs writes it, and a reader of its attributes that knows which were looked at. */
import { z } from 'zod';
import { LumiereError } from '../../errors.ts';

const shapeSchema = z.looseObject({ dim: z.array(z.looseObject({ size: z.string() })).optional() });

const attributeSchema = z.looseObject({
  s: z.string().optional(),
  i: z.union([z.string(), z.number()]).optional(),
  f: z.number().optional(),
  b: z.boolean().optional(),
  type: z.union([z.string(), z.number()]).optional(),
  shape: shapeSchema.optional(),
  list: z
    .looseObject({ i: z.array(z.union([z.string(), z.number()])).optional(), s: z.array(z.string()).optional() })
    .optional(),
});

export const nodeSchema = z.looseObject({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), attributeSchema).default({}),
});

export type TfjsNode = z.infer<typeof nodeSchema>;

/** Attributes that only repeat what the tensors are, or steer TensorFlow's own kernels. */
const descriptive = new Set([
  'T',
  'dtype',
  'Tidx',
  'Tshape',
  'Tperm',
  'Taxis',
  'Tparams',
  'Tindices',
  'Index',
  'Tpaddings',
  'N',
  'TArgs',
  'num_args',
  'epsilon',
  'use_cudnn_on_gpu',
  'value',
]);

export interface AttributeReader {
  readonly text: (key: string, fallback: string) => string;
  readonly texts: (key: string) => readonly string[];
  readonly number: (key: string, fallback: number) => number;
  readonly numbers: (key: string) => readonly number[] | undefined;
  readonly flag: (key: string) => boolean;
  /** An element type by TensorFlow's name; empty where the attribute is absent. */
  readonly type: (key: string) => string;
  /** Throws for an attribute that nothing has read. */
  end(): void;
}

/** Text arrives in base64. */
const decodeText = (text: string): string => Buffer.from(text, 'base64').toString();

/** Reads the attributes of `node`; `end` throws LumiereError `model.unsupported-layer` for one that was not read. */
export function readAttributes(model: string, node: TfjsNode): AttributeReader {
  const read = new Set<string>();
  const attribute = (key: string) => {
    read.add(key);
    return node.attr[key];
  };
  return {
    text: (key, fallback) => {
      const text = attribute(key)?.s;
      return text === undefined ? fallback : decodeText(text);
    },
    texts: (key) => (attribute(key)?.list?.s ?? []).map(decodeText),
    number: (key, fallback) => Number(attribute(key)?.i ?? fallback),
    numbers: (key) => attribute(key)?.list?.i?.map(Number),
    flag: (key) => attribute(key)?.b ?? false,
    type: (key) => String(attribute(key)?.type ?? ''),
    end() {
      for (const key of Object.keys(node.attr)) {
        if (read.has(key) || descriptive.has(key) || key.startsWith('_')) continue;
        const detail = `attribute ${key}`;
        throw new LumiereError('model.unsupported-layer', { model, layer: node.name, type: node.op, detail });
      }
    },
  };
}
