/** The *Report* button under a result: a form with the reason, stored for the moderators. Once for a member and a result. */
import {
  ComponentType,
  type MessageComponentInteraction,
  type ModalSubmitInteraction,
  type RESTPostAPIInteractionCallbackJSONBody,
  TextInputStyle,
} from 'discord.js';

import { answerPrivately } from '../discord/answer.ts';
import type { CommandContext, ComponentSet } from '../discord/command.ts';
import { type CustomId, writeCustomId } from '../discord/custom-id.ts';
import { notice } from '../discord/message.ts';
import type { Translate } from '../locale.ts';
import { addReport } from '../store/reports.ts';
import { requestFor } from './request-for.ts';

const reasonField = 'reason';
const longestReason = 1000;

export const reportButton: ComponentSet = {
  kind: 'components',
  components: { report: askReason },
  modals: { report: takeReport },
};

async function askReason(
  interaction: MessageComponentInteraction,
  { subject: requestId }: CustomId,
  context: CommandContext,
): Promise<void> {
  await requestFor(interaction, requestId, context);
  await interaction.showModal(form(requestId, context.t));
}

type Modal = Extract<RESTPostAPIInteractionCallbackJSONBody, { type: 9 }>['data'];

function form(requestId: string, t: Translate): Modal {
  return {
    custom_id: writeCustomId('report', requestId),
    title: t('report.title'),
    components: [
      {
        type: ComponentType.Label,
        label: t('report.question'),
        description: t('report.explanation'),
        component: {
          type: ComponentType.TextInput,
          custom_id: reasonField,
          style: TextInputStyle.Paragraph,
          min_length: 3,
          max_length: longestReason,
          required: true,
        },
      },
    ],
  };
}

async function takeReport(
  interaction: ModalSubmitInteraction,
  { subject: requestId }: CustomId,
  context: CommandContext,
): Promise<void> {
  const { db, t, now, newId } = context;
  await requestFor(interaction, requestId, context);
  const reason = interaction.fields.getTextInputValue(reasonField).trim().slice(0, longestReason);
  const { created } = await addReport(db, {
    id: newId(),
    requestId,
    reporterId: interaction.user.id,
    reason,
    now: new Date(now()),
  });
  await answerPrivately(interaction, notice('done', t(created ? 'report.thanks' : 'report.again')));
}
