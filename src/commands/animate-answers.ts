/**
 * The buttons under what a member is asked about a photograph, and the form in which they name a work. Each answer is written
 * into the request; when nothing is left to say, the answer's own interaction begins the message that shows the progress.
 */
import {
  ComponentType,
  type MessageComponentInteraction,
  type ModalSubmitInteraction,
  type RESTPostAPIInteractionCallbackJSONBody,
  TextInputStyle,
} from 'discord.js';

import { acknowledge, acknowledgePress } from '../discord/answer.ts';
import type { CommandContext, ComponentSet } from '../discord/command.ts';
import { type CustomId, writeCustomId } from '../discord/custom-id.ts';
import type { Translate } from '../locale.ts';
import { Refusal } from '../policy/refusal.ts';
import { readFindings } from '../queue/findings.ts';
import { type AnimateParameters, animateParameters, longestDeclaration } from '../queue/job.ts';
import { toJson } from '../queue/json.ts';
import { answerQuestion, claimAnswer, learnReply, type WholeRequest } from '../store/member-requests.ts';
import { IllegalTransition } from '../store/request-states.ts';
import type { Reply } from '../store/rows.ts';
import { subjectOf } from './animate-options.ts';
import { facesByWord, openQuestion, type Question } from './animate-question.ts';
import { askMember, takeBack } from './ask-member.ts';
import { endIntake } from './end-intake.ts';
import { limitsIn } from './limits-in.ts';
import { replyBy } from './reply-by.ts';
import { requestFor } from './request-for.ts';
import { filesOfRow, takeInRequest } from './take-in.ts';

type Answering = MessageComponentInteraction | ModalSubmitInteraction;

const workField = 'work';

/** @param modelsDir where the costs measured on this machine are kept. */
export function animateAnswers({ modelsDir }: { readonly modelsDir: string }): ComponentSet {
  const settle = answerer(modelsDir);
  return {
    kind: 'components',
    components: {
      self: (interaction, { subject }, context) =>
        settle(interaction, subject, ['subject'], { subject: subjectOf('self', context.language) }, context),
      artwork: async (interaction, { subject }, context) => {
        await questionOf(interaction, subject, ['subject', 'declaration'], context);
        await interaction.showModal(form(subject, context.t));
      },
      face: (interaction, id, context) => settle(interaction, id.subject, ['face'], { face: readFace(id) }, context),
    },
    modals: {
      artwork: (interaction, { subject }, context) => {
        const declared = interaction.fields.getTextInputValue(workField);
        const said = { subject: subjectOf('artwork', context.language, declared) };
        return settle(interaction, subject, ['subject', 'declaration'], said, context);
      },
    },
  };
}

/** @throws Refusal for what no button says. */
function readFace({ argument }: CustomId): AnimateParameters['face'] {
  const word = facesByWord.find((known) => known === argument);
  if (word !== undefined) return word;
  const number = Number(argument);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Refusal('refusal.unknown-request');
}

interface Asked {
  readonly request: WholeRequest & { readonly reply: Reply };
  readonly parameters: AnimateParameters;
}

/** The request, while one of `questions` is what its member is asked. Rejects with a Refusal when it is not, or not theirs. */
async function questionOf(
  interaction: Answering,
  requestId: string,
  questions: readonly Question[],
  context: CommandContext,
): Promise<Asked> {
  const request = await requestFor(interaction, requestId, context);
  if (request.requesterId !== interaction.user.id) throw new Refusal('refusal.not-yours');
  const findings = readFindings(request.findings);
  const { reply } = request;
  if (request.state !== 'asking' || !reply || findings === undefined) throw new Refusal('refusal.already-settled');
  const parameters = animateParameters.parse(request.parameters);
  const open = openQuestion(parameters, findings);
  if (open === undefined || !questions.includes(open)) throw new Refusal('refusal.already-settled');
  return { request: { ...request, reply }, parameters };
}

function answerer(modelsDir: string) {
  return async (
    interaction: Answering,
    requestId: string,
    questions: readonly Question[],
    said: Partial<AnimateParameters>,
    context: CommandContext,
  ): Promise<void> => {
    const { db, queue, cards, now } = context;
    const { request, parameters } = await questionOf(interaction, requestId, questions, context);
    const answered = { ...parameters, ...said };
    const findings = readFindings(request.findings)!;
    await answerQuestion(db, requestId, toJson(answered));
    if (openQuestion(answered, findings) !== undefined) {
      await acknowledgePress(interaction);
      await askMember(request, context);
      return;
    }
    // Two presses at once: one of them goes on.
    const actor = `member:${interaction.user.id}`;
    await claimAnswer(db, requestId, replyBy(interaction), { actor, now: new Date(now()) }).catch((error: unknown) => {
      throw error instanceof IllegalTransition ? new Refusal('refusal.already-settled') : error;
    });
    const { isPrivate, messageId } = await acknowledge(interaction, { isPrivate: request.reply.isPrivate });
    await learnReply(db, requestId, { isPrivate, ...(messageId !== undefined && { messageId }) });
    await takeAway(interaction, request.reply, context);
    try {
      const limits = await limitsIn(context, request.guildId);
      const row = { ...request, parameters: toJson(answered) };
      await takeInRequest(row, filesOfRow(request), { limits }, { ...context, modelsDir });
    } catch (error) {
      if (await endIntake(requestId, error, context)) return;
      throw error;
    }
    queue.submitted(requestId);
    cards.follow(requestId);
  };
}

/** The question, which has been answered. One that stays behind says so when it is pressed again. */
async function takeAway(
  { message }: Answering,
  reply: Pick<Reply, 'applicationId' | 'token'>,
  { deliveryRest, log }: CommandContext,
): Promise<void> {
  if (message === null) return;
  await takeBack(deliveryRest, reply, message.id).catch((error: unknown) => {
    log.debug({ err: error }, 'a question could not be taken away');
  });
}

type Modal = Extract<RESTPostAPIInteractionCallbackJSONBody, { type: 9 }>['data'];

function form(requestId: string, t: Translate): Modal {
  return {
    custom_id: writeCustomId('artwork', requestId),
    title: t('question.declaration.form'),
    components: [
      {
        type: ComponentType.Label,
        label: t('question.declaration.title'),
        description: t('question.declaration.hint'),
        component: {
          type: ComponentType.TextInput,
          custom_id: workField,
          style: TextInputStyle.Short,
          min_length: 2,
          max_length: longestDeclaration,
          required: true,
        },
      },
    ],
  };
}
