/** How a request ends that somebody else let on and that cannot be taken in, whoever has it by then. */
import { pino } from 'pino';
import { expect, it } from 'vitest';

import { endTold } from '../../src/commands/end-intake.ts';
import { quotaUse, reserveQuota } from '../../src/store/quotas.ts';
import { IllegalTransition } from '../../src/store/request-states.ts';
import { askCancel, changeState, createRequest } from '../../src/store/requests.ts';
import { onEachDatabase } from '../store/databases.ts';
import { newRequest, start } from '../store/fixtures.ts';

onEachDatabase(({ open }) => {
  const begun = async () => {
    const { db } = await open();
    const { id, requesterId: userId, guildId } = (await createRequest(db, newRequest())).request;
    const cards = { release: () => Promise.resolve() };
    const services = { db, cards, now: () => start.getTime(), log: pino({ level: 'silent' }) };
    const reserve = () =>
      reserveQuota(db, {
        ...{ requestId: id, command: 'animate', userId, guildId: guildId ?? undefined },
        ...{ seconds: 600, limits: {}, now: start },
      });
    return { db, id, services, reserve, used: () => quotaUse(db, { userId }, start) };
  };

  it('gives back the place of one that was stopped before it was reserved', async () => {
    const { db, id, services, reserve, used } = await begun();
    const nothing = await used();
    await askCancel(db, id, 'member:member', start);
    await reserve();
    expect(await used()).not.toEqual(nothing);
    await endTold(id, new IllegalTransition(id, 'cancelled', 'waiting'), services);
    expect(await used()).toEqual(nothing);
  });

  it('leaves its place to one that another process let into the queue', async () => {
    const { db, id, services, reserve, used } = await begun();
    await reserve();
    const taken = await used();
    await changeState(db, id, 'waiting', { actor: 'bot', now: start });
    await endTold(id, new IllegalTransition(id, 'waiting', 'waiting'), services);
    expect(await used()).toEqual(taken);
  });
});
