/** *Animate this photo*, in the menu of any message. Whose face it is, is asked in private before anything is made. */
import type { MessageCommand } from '../discord/command.ts';
import { plainAnimation } from './animate-options.ts';
import { fileCommand } from './choose-file.ts';
import { photosOf } from './message-files.ts';
import type { StartRequest } from './start-request.ts';

export function animateMessageCommand(start: StartRequest): MessageCommand {
  return fileCommand({
    key: 'animate-message',
    action: 'choose-photo',
    none: 'refusal.no-photo',
    filesOf: photosOf,
    start: (interaction, photo, context) => {
      const files = [{ role: 'input', source: photo }] as const;
      return start(interaction, { files, parameters: plainAnimation, isPrivate: false, isSpoiler: false }, context);
    },
  });
}
