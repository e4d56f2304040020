/** The whole matrix of states: what may follow what is written here a second time, as a table, and tried in the database. */
import { expect, it } from 'vitest';

import { finalStates, IllegalTransition, mayFollow, requestStates } from '../../src/store/request-states.ts';
import { changeState, createRequest } from '../../src/store/requests.ts';
import type { RequestState } from '../../src/store/rows.ts';
import { onEachDatabase } from './databases.ts';
import { newRequest, start } from './fixtures.ts';

/** A row: a state; a column in the same order: x where the column's state may follow. */
const matrix = `
received   .xx.....xxx.
asking     x.......xxx.
waiting    ...x.....xx.
running    ..xxx....xx.
delivering .....xxx...x
held       ....x......x
delivered  .....x.....x
kept       .....xx....x
refused    ............
failed     ............
cancelled  ............
removed    ............`;

const table = matrix
  .trim()
  .split('\n')
  .map((line) => line.split(/\s+/) as [RequestState, string]);
const states = table.map(([state]) => state);
const pairs = table.flatMap(([from, marks]) =>
  states.map((to, column) => ({ from, to, legal: marks[column] === 'x' })),
);

it('has every state in the table', () => {
  expect([...states].sort()).toEqual([...requestStates].sort());
  expect(pairs).toHaveLength(requestStates.length ** 2);
});

it('decides every pair as the table says, and begins with received alone', () => {
  expect(pairs.filter(({ from, to, legal }) => mayFollow(from, to) !== legal)).toEqual([]);
  expect(requestStates.filter((to) => mayFollow(undefined, to))).toEqual(['received']);
  expect([...finalStates].sort()).toEqual(['cancelled', 'failed', 'refused', 'removed']);
});

onEachDatabase(({ open }) => {
  it('makes every legal change with its event, and no illegal one', async () => {
    const { db } = await open();
    for (const { from, to, legal } of pairs) {
      const { id } = (await createRequest(db, newRequest())).request;
      await db.request.update({ where: { id }, data: { state: from } });
      const change = changeState(db, id, to, { actor: 'bot', now: start, code: 'why' });
      if (legal) await expect(change).resolves.toMatchObject({ id, state: to });
      else await expect(change).rejects.toBeInstanceOf(IllegalTransition);
      const stored = await db.request.findUniqueOrThrow({
        where: { id },
        include: { events: { orderBy: { id: 'asc' } } },
      });
      expect(stored.state).toBe(legal ? to : from);
      expect(stored.events).toHaveLength(legal ? 2 : 1);
      if (legal) expect(stored.events[1]).toMatchObject({ from, to, actor: 'bot', code: 'why', at: start });
    }
  });
});
