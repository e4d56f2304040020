/** `/help`: what there is, on one screen, with the limits of the place where it was asked. */
import { answer } from '../discord/answer.ts';
import type { SlashCommand } from '../discord/command.ts';
import { container, message, text } from '../discord/message.ts';
import { slashDefinition } from './definition.ts';
import { limitsIn } from './limits-in.ts';

export const helpCommand: SlashCommand = {
  kind: 'slash',
  definition: slashDefinition('help'),
  execute: async (interaction, context) => {
    const { t } = context;
    const limits = await limitsIn(context, interaction.guildId);
    const ways = [
      t('help.restore'),
      t('help.animate'),
      t('help.message'),
      t('help.queue'),
      t('help.cancel'),
      t('help.result', { hours: limits.resultRetentionHours }),
      t('help.own'),
      t('help.check'),
      t('help.about'),
    ];
    const here = t('help.limits', {
      clip: limits.maxClipSeconds,
      file: limits.maxInputBytes,
      jobs: limits.userJobsPerDay,
    });
    const said = container('busy', [text(`### ${t('help.title')}`), text(ways.join('\n')), text(`-# ${here}`)]);
    await answer(interaction, message([said]), { isPrivate: true });
  },
};
