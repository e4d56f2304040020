/**
 * The buttons under what a member is asked about a photograph, and the form in which they name a work. Each answer is written
 * into the request; when nothing is left to say, the answer's own interaction begins the message that shows the progress.
 */
import type { MessageComponentInteraction, ModalSubmitInteraction } from 'discord.js';

import { acknowledge, acknowledgePress } from '../discord/answer.ts';
import type { CommandContext, ComponentSet } from '../discord/command.ts';
import { type CustomId, writeCustomId } from '../discord/custom-id.ts';
import { type TextForm, textForm } from '../discord/text-form.ts';
import { chooseLanguage, type Language, type Translate } from '../locale.ts';
import { refuseMember } from '../policy/asking.ts';
import { Refusal } from '../policy/refusal.ts';
import { type Findings, readFindings } from '../queue/findings.ts';
import { type AnimateParameters, animateParameters, faceWords, longestDeclaration } from '../queue/job.ts';
import { toJson } from '../queue/json.ts';
import { guildSettings } from '../store/guild-settings.ts';
import { answerQuestion, claimAnswer, type WholeRequest } from '../store/member-requests.ts';
import { IllegalTransition } from '../store/request-states.ts';
import type { Reply } from '../store/rows.ts';
import { namedMember, subjectOf } from './animate-options.ts';
import { openQuestion, type Question } from './animate-question.ts';
import { askMember, takeBack } from './ask-member.ts';
import { askerOf } from './asker.ts';
import { endIntake } from './end-intake.ts';
import { limitsOfRequester } from './limits-in.ts';
import { memberFacts } from './member-facts.ts';
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
      self: (interaction, { subject }, context) => {
        const say = (language: Language) => ({ subject: subjectOf('self', language) });
        return settle(interaction, subject, { to: ['subject'], say }, context);
      },
      // At once: Discord shows no form after three seconds. What is sent with it is checked.
      artwork: (interaction, { subject }, { t }) => interaction.showModal(form('artwork', subject, t)),
      outsider: (interaction, { subject }, { t }) => interaction.showModal(form('outsider', subject, t)),
      member: (interaction, { subject }, context) => {
        if (!interaction.isUserSelectMenu()) throw new Refusal('refusal.unknown-request');
        const named = interaction.users.first();
        if (named === undefined) throw new Refusal('refusal.unknown-request');
        const detail = namedMember(named, interaction.members.first() ?? null, interaction);
        const say = (language: Language) => ({ subject: subjectOf('member', language, detail) });
        return settle(interaction, subject, { to: ['subject', 'member'], say }, context);
      },
      face: (interaction, id, context) => {
        const face = readFace(id);
        return settle(interaction, id.subject, { to: ['face'], say: () => ({ face }) }, context);
      },
    },
    modals: {
      outsider: (interaction, { subject }, context) => {
        const declared = interaction.fields.getTextInputValue(workField);
        const say = (language: Language) => ({ subject: subjectOf('outsider', language, { declared }) });
        return settle(interaction, subject, { to: ['subject', 'outsider'], say }, context);
      },
      artwork: (interaction, { subject }, context) => {
        const declared = interaction.fields.getTextInputValue(workField);
        const say = (language: Language) => ({ subject: subjectOf('artwork', language, { declared }) });
        return settle(interaction, subject, { to: ['subject', 'declaration'], say }, context);
      },
    },
  };
}

/** @throws Refusal for what no button says. */
function readFace({ argument }: CustomId): AnimateParameters['face'] {
  const word = faceWords.find((known) => known === argument);
  if (word !== undefined) return word;
  const number = Number(argument);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Refusal('refusal.unknown-request');
}

interface Answer {
  /** The questions that it answers. Another that is open by now is shown instead. */
  readonly to: readonly Question[];
  /** @param language of the question, whose text is agreed to. */
  readonly say: (language: Language) => Partial<AnimateParameters>;
}

interface Asked {
  readonly request: WholeRequest & { readonly reply: Reply };
  readonly parameters: AnimateParameters;
  readonly findings: Findings;
}

/** The request, while its member is asked something. Rejects with a Refusal when they are not, or it is not theirs. */
async function askedOf(interaction: Answering, requestId: string, context: CommandContext): Promise<Asked> {
  const request = await requestFor(interaction, requestId, context);
  if (request.requesterId !== interaction.user.id) throw new Refusal('refusal.not-yours');
  const findings = readFindings(request.findings);
  const { reply } = request;
  if (request.state !== 'asking' || !reply || findings === undefined) throw new Refusal('refusal.already-settled');
  return { request: { ...request, reply }, parameters: animateParameters.parse(request.parameters), findings };
}

function answerer(modelsDir: string) {
  return async (
    interaction: Answering,
    requestId: string,
    { to, say }: Answer,
    context: CommandContext,
  ): Promise<void> => {
    const { db, queue, cards, now } = context;
    const { request, parameters, findings } = await askedOf(interaction, requestId, context);
    await endUnlessTheirs(interaction, request, context);
    // A question that was shown before the last answer was written down is pressed on once more: what follows it is shown.
    const open = openQuestion(parameters, findings);
    const isOpen = open !== undefined && to.includes(open);
    const answered = isOpen ? { ...parameters, ...say(chooseLanguage([request.locale])) } : parameters;
    if (openQuestion(answered, findings) !== undefined) {
      if (isOpen) await answerQuestion(db, requestId, toJson(answered));
      await acknowledgePress(interaction);
      await askMember(request, context);
      return;
    }
    // Before it is written down: an answer that Discord does not take leaves the question as it is, to be answered again.
    const { isPrivate, messageId = null } = await acknowledge(interaction, { isPrivate: request.reply.isPrivate });
    const last = { parameters: toJson(answered), reply: { ...replyBy(interaction), isPrivate, messageId } };
    const change = { actor: `member:${interaction.user.id}`, now: new Date(now()) };
    // Two presses at once: one of them goes on.
    await claimAnswer(db, requestId, last, change).catch((error: unknown) => {
      throw error instanceof IllegalTransition ? new Refusal('refusal.already-settled') : error;
    });
    await takeAway(interaction, request.reply, context);
    try {
      const limits = await limitsOfRequester(context, request);
      const row = { ...request, parameters: last.parameters };
      await takeInRequest(row, filesOfRow(request), { limits }, { ...context, modelsDir });
    } catch (error) {
      if (await endIntake(requestId, error, context)) return;
      throw error;
    }
    queue.submitted(requestId);
    cards.follow(requestId);
  };
}

/** Who was blocked or lost the role since they asked is not let on: the request ends. Rejects with the Refusal. */
async function endUnlessTheirs(
  interaction: Answering,
  request: Asked['request'],
  context: CommandContext,
): Promise<void> {
  const { id, guildId, command, reply } = request;
  const settings = guildId === null ? undefined : await guildSettings(context.db, guildId);
  // Asked of the guild where it was asked for, wherever the button is pressed.
  const refusal = refuseMember(await memberFacts({ ...askerOf(interaction), guildId }, command, settings, context));
  if (refusal === undefined) return;
  await endIntake(id, refusal, context);
  await takeAway(interaction, reply, context);
  throw refusal;
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

function form(kind: 'artwork' | 'outsider', requestId: string, t: Translate): TextForm {
  const question = kind === 'artwork' ? 'declaration' : kind;
  return textForm({
    customId: writeCustomId(kind, requestId),
    title: t(`question.${question}.form`),
    label: t(`question.${question}.title`),
    description: t(`question.${question}.hint`),
    field: workField,
    least: 2,
    most: longestDeclaration,
  });
}
