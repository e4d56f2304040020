/** The short form of `npm run bench bot`: each of the three is killed once at a moment by chance, and the clip arrives once. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { h264, makeClip, picture } from '../clips.ts';
import { type DiscordServer, startDiscord } from '../fakes/discord/server.ts';
import { type Fault, type Theatre, tryFault } from './faults.ts';
import { createInstallation, type Installation } from './installation.ts';

const minutes = 60_000;
/** A restoration of this film takes some three seconds. */
const longestMs = 3000;

describe('a request survives', { timeout: 5 * minutes }, () => {
  let discord: DiscordServer;
  let lumiere: Installation;
  let theatre: Theatre;

  beforeAll(async () => {
    discord = await startDiscord({ settings: { acknowledgeWithin: 60_000 } });
    const guild = discord.guild('Trials');
    guild.channel('trials');
    lumiere = await createInstallation(discord);
    const source = picture('testsrc2=size=96x72:rate=12:duration=1.5');
    theatre = {
      ...{ discord, guild, lumiere, settings: {}, workerSettings: {} },
      film: await readFile(await makeClip('mp4', [...source, ...h264])),
      database: await lumiere.database(),
      bot: lumiere.start('bot'),
      worker: lumiere.start('worker'),
    };
  });
  afterAll(async () => {
    await lumiere.remove();
    await discord.stop();
  });

  it.each<Fault>(['bot', 'worker', 'redis'])('the death of %s', async (fault) => {
    const afterMs = Math.random() * longestMs;
    const outcome = await tryFault(theatre, `film-${fault}`, fault, afterMs);
    expect(outcome, `killed ${afterMs.toFixed(0)} ms after the request`).toMatchObject({ deliveries: 1 });
  });
});
