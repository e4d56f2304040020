/** What a look at a photograph found, as it stands in `Request.findings`: what a member is asked and charged by it. */
import * as z from 'zod';

export const findings = z.strictObject({
  version: z.literal(1),
  /** Numbers of the faces that can move, as in the preview. */
  faces: z.array(z.int().positive()),
  /** Of compute, by the worker's own figures. */
  predictedSeconds: z.number().nonnegative(),
  /** Of the result. */
  seconds: z.number().nonnegative(),
  /** What the photograph is recognised by, as src/engine/provenance/likeness.ts makes it. */
  likeness: z.string().max(2000).optional(),
});
export type Findings = Readonly<z.output<typeof findings>>;

/** Undefined where nobody looked yet, or a version did that is not known here. */
export function readFindings(stored: unknown): Findings | undefined {
  const found = findings.safeParse(stored);
  return found.success ? found.data : undefined;
}
