/** Discord fails in the middle of an answer: what a member said counts, or can be said again. */
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Member } from '../fakes/discord/member/member.ts';
import type { SeenMessage } from '../fakes/discord/member/seen.ts';
import { type Bench, startBench } from './bench.ts';
import { standIns } from './stand-ins.ts';

let bench: Bench;
let photos = 0;
const { processors, setFaces } = standIns();
const within = 60_000;
const away = { kind: 'status', status: 502 } as const;

beforeAll(async () => {
  bench = await startBench();
  await bench.work(processors);
});
afterAll(() => bench.stop());

async function photo() {
  photos += 1;
  const background = { r: 40 * photos, g: 90, b: 60 };
  const bytes = await sharp({ create: { width: 320, height: 240, channels: 3, background } })
    .jpeg()
    .toBuffer();
  return { name: `photo-${photos}.jpg`, bytes };
}

const buttonOf = ({ buttons }: SeenMessage, action: string): string | undefined =>
  buttons.find(({ customId }) => customId?.startsWith(`${action}:`))?.customId;
const sees = (member: Member, action: string) =>
  member.sees((message) => buttonOf(message, action) !== undefined, { within });
const result = (interactionId: string) =>
  bench.alice.sees((message) => message.interactionId === interactionId && message.files.length > 0, { within });
const logged = (msg: string) =>
  expect.poll(() => bench.troubles.map((line) => line.msg), { timeout: within }).toContain(msg);

it('a yes to the own face counts although nobody can be thanked for it', async () => {
  const { alice, bernard, discord } = bench;
  const asked = alice.slash('animate', { photo: await photo(), subject: 'member', member: bernard });
  const question = await sees(bernard, 'consent-photo');
  const recover = discord.faults.plant('execute_webhook', away, Infinity);
  const pressed = bernard.click(buttonOf(question, 'consent-photo')!, question);
  await result(asked.id);
  await logged('an answer about consent could not be confirmed');
  recover();
  // Nothing is said of a fault: there was none.
  await bench.settled();
  expect(pressed.messages()).toEqual([]);
  expect(bernard.messagesSeen().some(({ id }) => id === question.id)).toBe(false);
});

it('an answer that Discord did not take can be given again', async () => {
  const { alice, discord, db } = bench;
  setFaces(2);
  const asked = alice.slash('animate', { photo: await photo(), subject: 'self' });
  const question = await sees(alice, 'face');
  const recover = discord.faults.plant('create_interaction_response', away, Infinity);
  alice.click('2', question);
  await logged('a fault could not be told');
  recover();
  const { state } = await db.request.findUniqueOrThrow({ where: { interactionId: asked.id } });
  expect(state).toBe('asking');
  const again = alice.click('2', question);
  await result(again.id);
});
