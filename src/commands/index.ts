/** Every command and button there is. */
import type { Command } from '../discord/command.ts';
import { aboutCommand } from './about.ts';
import { cancelCommand } from './cancel.ts';
import { compareButton } from './compare.ts';
import { helpCommand } from './help.ts';
import { queueCommand } from './queue.ts';
import { reportButton } from './report.ts';
import { restoreMessageCommand } from './restore-message.ts';
import { restoreCommand } from './restore.ts';
import { resultCommand } from './result.ts';
import { restoreStarter } from './start-restore.ts';

export { resumeIntakes } from './resume-intakes.ts';

export interface CommandOptions {
  /** Folder of the weights: the costs measured on this machine stand there. */
  readonly modelsDir: string;
  /** Where the source code that runs here can be had. */
  readonly sourceAddress: string | undefined;
}

export function createCommands({ modelsDir, sourceAddress }: CommandOptions): readonly Command[] {
  const start = restoreStarter({ modelsDir });
  return [
    restoreCommand(start),
    restoreMessageCommand(start),
    queueCommand,
    cancelCommand,
    resultCommand,
    helpCommand,
    aboutCommand(sourceAddress),
    compareButton,
    reportButton,
  ];
}
