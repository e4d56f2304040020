/** The log, read as whoever has it reads it. */
import { join } from 'node:path';
import { DiscordAPIError } from 'discord.js';
import { describe, expect, it } from 'vitest';

import { createLog, withoutSecrets } from '../../src/service/log.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createRequest } from '../../src/store/requests.ts';
import { scratchFolder } from '../clips.ts';
import { newRequest, secretToken, start } from '../store/fixtures.ts';

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

  it('tells what the database refused without what was to be written', async () => {
    const folder = await scratchFolder();
    const { db, close } = await openDatabase({ url: `file:${join(folder.path, 'x.db')}` });
    try {
      const { request } = await createRequest(db, newRequest());
      const url = 'https://cdn.example/clip.mp4';
      const sources = [{ role: 'input' as const, url }];
      const words = 'whose\n}\n\n face it is';
      const posting = { channelId: 'c', messageId: 'm', requestId: request.id, applicationId: 'a', token: secretToken };
      const written = [
        createRequest(db, newRequest({ sources, id: request.id })), // taken
        createRequest(db, newRequest({ sources, id: 7 as never })),
        createRequest(db, newRequest({ sources, channelId: undefined as never })),
        createRequest(db, newRequest({ sources, command: 'dance' as never, parameters: { caption: words } })),
        db.posting.create({ data: { ...posting, tokenExpiresAt: start, isPrivate: 'no' as never } }),
        db.consent.updateMany({ where: { id: 'one' }, data: { declared: words, unknown: 1 } as never }),
      ];
      for (const err of (await Promise.allSettled(written)).map(
        (done) => 'reason' in done && (done.reason as unknown),
      )) {
        expect(err).toBeInstanceOf(Error);
        const text = JSON.stringify(
          logged((log) => {
            log.error({ err: new Error('a step failed', { cause: err }) }, 'failed');
          }),
        );
        expect(text).toMatch(/Unique constraint|Argument `|Invalid value for argument|Unknown argument/);
        expect(text).toContain('client.js:'); // where it was
        for (const secret of [secretToken, url, 'whose', 'face it is']) expect(text).not.toContain(secret);
      }
    } finally {
      await close();
      await folder.remove();
    }
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
