/** `/privacy`: what is held about whoever asks, as a file; its deletion, after a question; what is stored and why. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import {
  type APIApplicationCommandSubcommandOption,
  ApplicationCommandOptionType,
  ButtonStyle,
  type ChatInputCommandInteraction,
  ComponentType,
} from 'discord.js';

import { acknowledge, answer, rewrite } from '../discord/answer.ts';
import type { CommandContext, ComponentHandler, SlashCommand } from '../discord/command.ts';
import { writeCustomId } from '../discord/custom-id.ts';
import { optionTexts } from '../discord/localise.ts';
import { button, container, message, notice, row, text } from '../discord/message.ts';
import { rateLimit } from '../policy/rate-limit.ts';
import { Refusal } from '../policy/refusal.ts';
import { mostBytes, smallestUpload } from '../queue/upload-limits.ts';
import { askErasure } from '../store/erase.ts';
import { exportPersonalData } from '../store/personal-export.ts';
import { slashDefinition } from './definition.ts';
import { limitsIn } from './limits-in.ts';
import { answerWithFile, type SentFile } from './send-file.ts';
import { createTurns, type Turns } from './turns.ts';

/** Exports that one member may ask for in an hour, and that are put together at once: each reads every request there is. */
const exportsPerHour = 5;
const exportsAtOnce = 1;

const subcommand = (name: string): APIApplicationCommandSubcommandOption => ({
  type: ApplicationCommandOptionType.Subcommand,
  ...optionTexts('privacy', name),
});

/** @param policyAddress of the operator's own policy */
export function privacyCommand(policyAddress: string | undefined): SlashCommand {
  const limit = rateLimit(exportsPerHour);
  const turns = createTurns(exportsAtOnce);
  const answers: Readonly<
    Record<string, (interaction: ChatInputCommandInteraction, context: CommandContext) => Promise<unknown>>
  > = {
    export: (interaction, context) => {
      limit.take(interaction.user.id, context.now());
      return sendExport(interaction, turns, context);
    },
    delete: askToDelete,
    policy: (interaction, context) => tellPolicy(interaction, context, policyAddress),
  };
  return {
    kind: 'slash',
    definition: slashDefinition('privacy', ['export', 'delete', 'policy'].map(subcommand)),
    execute: async (interaction, context) => {
      await answers[interaction.options.getSubcommand()]?.(interaction, context);
    },
    components: { forget },
  };
}

/** As it is where one upload takes it, else compressed. */
async function sendExport(
  interaction: ChatInputCommandInteraction,
  turns: Turns,
  { db, logKey: key, now, t, deliveryRest }: CommandContext,
): Promise<void> {
  await acknowledge(interaction, { isPrivate: true });
  const limit = mostBytes(Math.max(interaction.attachmentSizeLimit, smallestUpload));
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-privacy-'));
  try {
    const plain = { path: join(folder, 'lumiere-data.json'), name: 'lumiere-data.json', mediaType: 'application/json' };
    const pieces = exportPersonalData(db, interaction.user.id, { key, now: new Date(now()) });
    await turns(() => pipeline(pieces, createWriteStream(plain.path, { mode: 0o600 })));
    const file = (await stat(plain.path)).size > limit ? await compressed(plain) : plain;
    if ((await stat(file.path)).size > limit) throw new Refusal('refusal.personal-export-too-large');
    const said = message([
      container('done', [text(t('privacy.exported'))]),
      { type: ComponentType.File, file: { url: `attachment://${file.name}` } },
    ]);
    await answerWithFile(interaction, said, { ...file, isSpoiler: false }, { deliveryRest });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Exported = Omit<SentFile, 'isSpoiler'>;

async function compressed({ path, name }: Exported): Promise<Exported> {
  const smaller = { path: `${path}.gz`, name: `${name}.gz`, mediaType: 'application/gzip' };
  await pipeline(createReadStream(path), createGzip(), createWriteStream(smaller.path, { mode: 0o600 }));
  return smaller;
}

/** What goes, what stays and why; nothing is done before the button is pressed. */
async function askToDelete(interaction: ChatInputCommandInteraction, { t }: CommandContext): Promise<void> {
  const id = interaction.user.id;
  const said = container('waiting', [
    text(`### ${t('privacy.delete-title')}`),
    text(t('privacy.delete-goes')),
    text(t('privacy.delete-stays')),
    row(
      button(writeCustomId('forget', id, 'yes'), t('privacy.delete-yes'), ButtonStyle.Danger),
      button(writeCustomId('forget', id, 'no'), t('privacy.delete-no')),
    ),
  ]);
  await answer(interaction, message([said]), { isPrivate: true });
}

const forget: ComponentHandler = async (interaction, { subject, argument }, { db, now, t, queue }) => {
  const { id } = interaction.user;
  if (subject !== id) throw new Refusal('refusal.not-yours');
  if (argument !== 'yes') {
    await rewrite(interaction, notice('done', t('privacy.delete-not')));
    return;
  }
  await askErasure(db, id, new Date(now()));
  // Workers hear of it at once; everything else follows within seconds, after a restart too.
  for (const request of await db.request.findMany({ where: { requesterId: id, state: 'running' } })) {
    await queue.cancel(request.id, `member:${id}`);
  }
  await rewrite(interaction, notice('done', t('privacy.delete-begun')));
};

async function tellPolicy(
  interaction: ChatInputCommandInteraction,
  context: CommandContext,
  address: string | undefined,
): Promise<void> {
  const { t, logDays } = context;
  const { resultRetentionHours: hours } = await limitsIn(context, interaction.guildId);
  const lines = ['media', 'log', 'consent', 'marks', 'rights'].map(
    (name) => `- ${t(`privacy.policy-${name}`, { hours, days: logDays })}`,
  );
  const parts = [
    `### ${t('privacy.policy-title')}`,
    lines.join('\n'),
    `-# ${address === undefined ? t('privacy.policy-none') : t('privacy.policy-address', { address })}`,
  ];
  await answer(interaction, message([container('busy', parts.map(text))]), { isPrivate: true });
}
