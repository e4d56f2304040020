#!/usr/bin/env node
/** The command line: the same engine as the bot's, without Discord. */
import { main } from './cli/main.ts';

// `lumiere models list | head` closes the pipe early; that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2));
