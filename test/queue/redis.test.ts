/** A Redis that is away: told in words, as an error, without the password of its address. */
import { pino } from 'pino';
import { expect, it } from 'vitest';

import { connectRedis, disconnect, quietly } from '../../src/queue/redis.ts';
import { freePort } from '../free-port.ts';

it('says that nothing answers, and what becomes of what was asked for', async () => {
  const lines: string[] = [];
  const tell = quietly(pino({ base: null }, { write: (line) => void lines.push(line) }), 'redis');
  const port = await freePort();
  let failures = 0;
  await new Promise<void>((resolve) => {
    const redis = connectRedis(`redis://lumiere:secret-word@127.0.0.1:${port}`, (error) => {
      tell(error);
      if (++failures === 2) void disconnect(redis).then(resolve);
    });
  });
  tell(new Error('WRONGPASS invalid username-password pair'));
  // The same failure twice is one line.
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: 50,
    code: 'ECONNREFUSED',
    msg: 'Redis does not answer: nothing runs until it does, and what was asked for waits',
  });
  expect(JSON.parse(lines[1]!)).toMatchObject({ level: 40, msg: 'redis' });
  expect(lines.join('')).not.toContain('secret-word');
});
