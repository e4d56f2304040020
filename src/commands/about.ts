/** `/about`: which models do the work and under which licences, what is stored and for how long, where the source is. */
import { listModels } from '../engine/model/model-list.ts';
import { answer } from '../discord/answer.ts';
import type { SlashCommand } from '../discord/command.ts';
import { container, message, text } from '../discord/message.ts';
import type { Translate } from '../locale.ts';
import { version } from '../version.ts';
import { slashDefinition } from './definition.ts';
import { limitsIn } from './limits-in.ts';

export interface AboutOptions {
  readonly modelsDir: string;
  /** Of the source code that runs here, where the operator names one. */
  readonly sourceAddress?: string | undefined;
}

export function aboutCommand({ modelsDir, sourceAddress }: AboutOptions): SlashCommand {
  return {
    kind: 'slash',
    definition: slashDefinition('about'),
    execute: async (interaction, context) => {
      const { t, logDays: days } = context;
      const { resultRetentionHours: hours } = await limitsIn(context, interaction.guildId);
      const privacy = [
        t('about.privacy-clip', { hours }),
        t('about.privacy-consent', { days }),
        t('about.privacy-log', { days }),
      ];
      const parts = [
        `### ${t('about.title', { version })}\n${t('about.what')}`,
        [
          `**${t('about.models')}**`,
          ...(await models(modelsDir, t)).map((line) => `- ${line}`),
          t('about.invented'),
        ].join('\n'),
        [`**${t('about.privacy')}**`, ...privacy.map((line) => `- ${line}`)].join('\n'),
        ...(sourceAddress === undefined ? [] : [`-# ${t('about.source', { address: sourceAddress })}`]),
      ];
      await answer(interaction, message([container('busy', parts.map(text))]), { isPrivate: true });
    },
  };
}

/** The networks that may come to work here, a line each: those that set-up fetches, and what the operator installed beside them. */
async function models(modelsDir: string, t: Translate): Promise<string[]> {
  const known = await listModels(modelsDir);
  return known
    .filter(({ entry, state }) => entry.required || state === 'installed')
    .map(({ entry: { title, role, licence } }) =>
      t('about.model', { title, role: t(`about.role.${role}`), licence: licence.id, holder: licence.holder }),
    );
}
