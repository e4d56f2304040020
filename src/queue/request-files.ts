/** The files that a request's work reads: the clip or photograph, and for an animation what moves it. */
import type { Database } from '../store/database.ts';
import type { MediaStore } from '../store/media-store.ts';
import type { Command } from '../store/rows.ts';
import { type GivenRole, givenRoles } from './given-roles.ts';
import { animateParameters } from './job.ts';
import { openFiles } from './run-context.ts';

export { type GivenRole, givenRoles } from './given-roles.ts';

interface Asked {
  readonly command: Command;
  readonly parameters: unknown;
}

/** Which files a request cannot do without. */
export function rolesOf({ command, parameters }: Asked): readonly GivenRole[] {
  if (command === 'restore') return ['input'];
  const { driven } = animateParameters.parse(parameters);
  return driven === undefined ? ['input'] : ['input', driven];
}

/** Lends them. Rejects with `queue.input-gone` when one is no longer kept. */
export async function openRequestFiles(
  request: Asked & { readonly id: string },
  { db, media }: { readonly db: Database; readonly media: MediaStore },
): Promise<{
  readonly paths: { readonly input: string } & Readonly<Partial<Record<GivenRole, string>>>;
  release(): Promise<void>;
}> {
  const kept = await db.mediaReference.findMany({
    where: { requestId: request.id, role: { in: [...givenRoles] } },
    select: { role: true, sha256: true },
  });
  const sha256Of = (wanted: GivenRole): string | null => kept.find(({ role }) => role === wanted)?.sha256 ?? null;
  const wanted = Object.fromEntries(rolesOf(request).map((role) => [role, sha256Of(role)]));
  return await openFiles(media, { input: sha256Of('input'), ...wanted });
}
