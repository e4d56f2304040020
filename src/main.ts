#!/usr/bin/env node
/**
 * The bot, a worker, or both on one machine: `node dist/main.js [all|bot|worker]`, from the environment's settings
 * (docs/configuration.md). Ends with 0 when it was told to stop, within ten seconds.
 */
import { fileURLToPath } from 'node:url';

import { ConfigError, readConfig, type Config } from './config.ts';
import { chooseLanguage, createTranslate, type Translate } from './locale.ts';
import { inviteAddress } from './roles/invite.ts';
import { startFault } from './roles/start-fault.ts';

const roles = ['all', 'bot', 'worker'] as const;
type Role = (typeof roles)[number];

/** As those of the command line: 2 for a setting or a word that was not understood. */
const usage = 2;

/** Five lines for whoever starts it for the first time. */
function howToGetToken(t: Translate): string {
  const address = inviteAddress('APPLICATION_ID');
  return ['missing', 'create', 'start', 'invite', 'without']
    .map((line) => t(`bot.token.${line}`, { address }))
    .join('\n');
}

/** Whatever hangs, the process ends by then, in milliseconds after it was told to. */
const lastMs = 9900;

async function run(config: Config, role: Role, t: Translate): Promise<number> {
  const stop = new AbortController();
  // By the channel to the bot that started it, which stays defined when the bot is gone.
  const isForked = role === 'worker' && process.send !== undefined;
  stop.signal.addEventListener('abort', () => {
    setTimeout(() => process.exit(1), lastMs).unref();
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second one does not wait; but a supervisor and the bot may both tell a worker.
      if (stop.signal.aborted && !isForked) process.exit(1);
      stop.abort();
    });
  }
  // A worker of a bot that was killed: the next bot brings its own.
  process.on('disconnect', () => {
    stop.abort();
  });
  if (isForked && !process.connected) stop.abort();
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      const { sentence, status } = startFault(error, t);
      process.stderr.write(`${sentence}\n`);
      process.exit(status);
    });
  }
  if (role === 'worker') {
    const { runWorker } = await import('./roles/worker.ts');
    await runWorker(config, { stop: stop.signal, isForked });
    return 0;
  }
  const { discordToken: token } = config;
  if (token === undefined) {
    process.stderr.write(`${howToGetToken(t)}\n`);
    return usage;
  }
  const { runBot } = await import('./roles/bot.ts');
  const workerEntry = role === 'all' ? { workerEntry: fileURLToPath(import.meta.url) } : {};
  await runBot(config, { token, stop, ...workerEntry });
  return 0;
}

async function main(words: readonly string[]): Promise<number> {
  let t = createTranslate('en');
  try {
    const config = readConfig();
    t = createTranslate(chooseLanguage([config.language, ...config.systemLanguages]));
    const [word = 'all', ...more] = words;
    const role = roles.find((known) => known === word);
    if (role === undefined || more.length > 0) {
      process.stderr.write(`${t('bot.usage', { roles: roles.join(', ') })}\n`);
      return usage;
    }
    return await run(config, role, t);
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${t('cli.setting', { setting: error.setting, expected: error.expected })}\n`);
      return usage;
    }
    const { sentence, status } = startFault(error, t);
    process.stderr.write(`${sentence}\n`);
    return status;
  }
}

// What libraries left open must not keep a process alive that was told to stop.
process.exit(await main(process.argv.slice(2)));
