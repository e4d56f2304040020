/** Every command and button there is. */
import type { Command } from '../discord/command.ts';
import { aboutCommand } from './about.ts';
import { animateAnswers } from './animate-answers.ts';
import { animateMessageCommand } from './animate-message.ts';
import { animateCommand } from './animate.ts';
import { cancelCommand } from './cancel.ts';
import { compareButton } from './compare.ts';
import { consentAnswers } from './consent-answers.ts';
import { consentCommand } from './consent.ts';
import { helpCommand } from './help.ts';
import { moderateCommand } from './moderate.ts';
import { privacyCommand } from './privacy.ts';
import { queueCommand } from './queue.ts';
import { reportButton, reportMessageCommand } from './report.ts';
import { restoreMessageCommand } from './restore-message.ts';
import { restoreCommand } from './restore.ts';
import { resultCommand } from './result.ts';
import { settingsCommand } from './settings.ts';
import { requestStarter } from './start-request.ts';
import { usageCommand } from './usage.ts';
import { verifyCommands } from './verify.ts';

export { leftIntakes, resumeIntakes } from './resume-intakes.ts';

export interface CommandOptions {
  /** Folder of the weights: the costs measured on this machine stand there. */
  readonly modelsDir: string;
  /** Where the source code that runs here can be had. */
  readonly sourceAddress: string | undefined;
  /** Where the operator's privacy policy can be read. */
  readonly privacyAddress: string | undefined;
}

export function createCommands({ modelsDir, sourceAddress, privacyAddress }: CommandOptions): readonly Command[] {
  const start = requestStarter({ modelsDir });
  return [
    restoreCommand(start),
    restoreMessageCommand(start),
    animateCommand(start),
    animateMessageCommand(start),
    animateAnswers({ modelsDir }),
    consentAnswers({ modelsDir }),
    consentCommand,
    queueCommand,
    cancelCommand,
    resultCommand,
    ...verifyCommands(),
    privacyCommand(privacyAddress),
    helpCommand,
    aboutCommand({ modelsDir, sourceAddress }),
    settingsCommand,
    compareButton(),
    reportButton,
    reportMessageCommand,
    usageCommand(),
    moderateCommand,
  ];
}
