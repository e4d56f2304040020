/** `/about`: which models do the work and under which licences, what is stored and for how long, where the source is. */
import { loadCatalog } from '../engine/model/catalog.ts';
import { answer } from '../discord/answer.ts';
import type { SlashCommand } from '../discord/command.ts';
import { container, message, text } from '../discord/message.ts';
import type { Translate } from '../locale.ts';
import { version } from '../version.ts';
import { slashDefinition } from './definition.ts';
import { limitsIn } from './limits-in.ts';

/** @param sourceAddress of the source code that runs here, where the operator names one */
export function aboutCommand(sourceAddress?: string): SlashCommand {
  return {
    kind: 'slash',
    definition: slashDefinition('about'),
    execute: async (interaction, context) => {
      const { t } = context;
      const { resultRetentionHours: hours } = await limitsIn(context, interaction.guildId);
      const privacy = [t('about.privacy-clip', { hours }), t('about.privacy-consent'), t('about.privacy-log')];
      const parts = [
        `### ${t('about.title', { version })}\n${t('about.what')}`,
        [`**${t('about.models')}**`, ...models(t).map((line) => `- ${line}`), t('about.invented')].join('\n'),
        [`**${t('about.privacy')}**`, ...privacy.map((line) => `- ${line}`)].join('\n'),
        ...(sourceAddress === undefined ? [] : [`-# ${t('about.source', { address: sourceAddress })}`]),
      ];
      await answer(interaction, message([container('busy', parts.map(text))]), { isPrivate: true });
    },
  };
}

/** The networks that restore and animate, a line each. */
function models(t: Translate): string[] {
  return loadCatalog()
    .models.filter(({ usedBy }) => usedBy !== 'policy')
    .map(({ title, role, licence }) =>
      t('about.model', { title, role: t(`about.role.${role}`), licence: licence.id, holder: licence.holder }),
    );
}
