/** The log, read as whoever has it reads it. */
import { DiscordAPIError } from 'discord.js';
import { describe, expect, it } from 'vitest';

import { createLog, withoutSecrets } from '../../src/service/log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  const log = createLog('debug', 'bot', { write: (line) => void lines.push(line) });
  write(log);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const interactionToken = 'aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OnNlY3JldHNlY3JldHNlY3JldA';

describe('a line of the log', () => {
  it('says when, who, how bad and what', () => {
    const [line] = logged((log) => {
      log.child({ requestId: '0197' }).info({ milliseconds: 12 }, 'delivered');
    });
    expect(line).toMatchObject({ level: 'info', role: 'bot', requestId: '0197', milliseconds: 12, msg: 'delivered' });
    expect(Date.parse(String(line!['time']))).toBeGreaterThan(0);
  });

  it('tells of a refused request without its address, its words or its files', () => {
    const error = new DiscordAPIError(
      { code: 50013, message: 'Missing Permissions' },
      50013,
      403,
      'PATCH',
      `https://discord.com/api/v10/webhooks/1234/${interactionToken}/messages/@original`,
      { body: { content: 'what a member wrote' }, files: [{ name: 'holiday.mp4', data: Buffer.from('x') }] },
    );
    const text = JSON.stringify(
      logged((log) => {
        log.error({ err: new Error('delivery failed', { cause: error }) }, 'a try failed');
      }),
    );
    expect(text).toContain('50013');
    expect(text).toContain('PATCH /api/v10/webhooks/1234/…/messages/@original');
    for (const secret of [interactionToken, 'what a member wrote', 'holiday.mp4']) expect(text).not.toContain(secret);
  });

  it.each([
    [
      'a bot token',
      `Bot ${['MTIzNDU2Nzg5MDEyMzQ1Njc4', 'GabcdE', 'abcdefghijklmnopqrstuvwxyz0123456789AB'].join('.')}`,
    ],
    ['a password', 'connect ECONNREFUSED postgresql://lumiere:hunter2hunter2@db/lumiere'],
    ['an interaction', `https://discord.com/api/v10/interactions/99/${interactionToken}/callback`],
    [
      'a signed address',
      'https://cdn.discordapp.com/attachments/1/2/a.mp4?ex=66aabbcc&is=66aa0011&hm=deadbeefdeadbeef&',
    ],
  ])('never holds %s', (_, text) => {
    const clean = withoutSecrets(text);
    expect(clean).toContain('…');
    for (const secret of ['hunter2', interactionToken, 'deadbeef', 'MTIzNDU2']) expect(clean).not.toContain(secret);
  });
});
