/** What a refusal looks like to members: to the one who asked, and to the others. */
import { expect } from 'vitest';

import type { Asked } from '../fakes/discord/member/ask.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import type { Bench } from './bench.ts';

/** The member alone reads it, and nothing public is left of what was asked. */
export async function refused(bench: Bench, member: Member, asked: Asked, sentence: string | RegExp): Promise<void> {
  const said = await member.sees(
    // The card of a slow intake may stand there first.
    ({ interactionId, isLoading, text, buttons }) =>
      interactionId === asked.id && !isLoading && text !== '' && buttons.length === 0,
  );
  if (typeof sentence === 'string') expect(said.text).toBe(sentence);
  else expect(said.text).toMatch(sentence);
  expect(said.isPrivate).toBe(true);
  await bench.discord.until(() => asked.messages().length === 1, 'nothing but the refusal to be left');
}
