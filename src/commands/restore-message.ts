/** *Restore this clip*, in the menu of any message. */
import type { MessageCommand } from '../discord/command.ts';
import { fileCommand } from './choose-file.ts';
import { clipsOf } from './message-files.ts';
import { plainParameters } from './restore-options.ts';
import type { StartRequest } from './start-request.ts';

export function restoreMessageCommand(start: StartRequest): MessageCommand {
  return fileCommand({
    key: 'restore-message',
    action: 'choose',
    none: 'refusal.no-clip',
    filesOf: clipsOf,
    start: (interaction, clip, context) => {
      const files = [{ role: 'input', source: clip }] as const;
      return start(interaction, { files, parameters: plainParameters, isPrivate: false, isSpoiler: false }, context);
    },
  });
}
