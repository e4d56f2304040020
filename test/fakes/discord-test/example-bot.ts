/** A small bot on the real discord.js client that meets every kind of interaction; the server's own tests drive it. */
import {
  ActionRowBuilder,
  ApplicationCommandType,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  Client,
  ContextMenuCommandBuilder,
  Events,
  FileUploadBuilder,
  GatewayIntentBits,
  type Interaction,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  PermissionFlagsBits,
  SlashCommandBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js';
import type { DiscordServer } from '../discord/server.ts';

const definitions = [
  new SlashCommandBuilder()
    .setName('develop')
    .setNameLocalizations({ fr: 'développer', it: 'sviluppa' })
    .setDescription('Develops a film')
    .setDescriptionLocalizations({ fr: 'Développe un film', it: 'Sviluppa una pellicola' })
    .addAttachmentOption((option) => option.setName('clip').setDescription('The film').setRequired(true))
    .addIntegerOption((option) =>
      option.setName('scale').setDescription('How much').addChoices({ name: 'twice', value: 2 }),
    )
    .addStringOption((option) => option.setName('look').setDescription('How it looks').setAutocomplete(true))
    .toJSON(),
  new SlashCommandBuilder()
    .setName('audit')
    .setDescription('For moderators')
    .setDefaultMemberPermissions(PermissionFlagsBits.ManageMessages)
    .toJSON(),
  new ContextMenuCommandBuilder().setName('Develop this').setType(ApplicationCommandType.Message).toJSON(),
  new ContextMenuCommandBuilder().setName('Greet').setType(ApplicationCommandType.User).toJSON(),
];

const buttons = new ActionRowBuilder<ButtonBuilder>().addComponents(
  new ButtonBuilder().setCustomId('cancel').setLabel('Cancel').setStyle(ButtonStyle.Danger),
  new ButtonBuilder().setCustomId('report').setLabel('Report').setStyle(ButtonStyle.Secondary),
);

const looks = new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(
  new StringSelectMenuBuilder()
    .setCustomId('look')
    .setPlaceholder('Choose a look')
    .addOptions({ label: 'Sepia', value: 'sepia' }, { label: 'Grey', value: 'grey' }),
);

const reportForm = new ModalBuilder()
  .setCustomId('report-form')
  .setTitle('Report')
  .addLabelComponents(
    new LabelBuilder()
      .setLabel('What is wrong?')
      .setTextInputComponent(
        new TextInputBuilder().setCustomId('reason').setStyle(TextInputStyle.Short).setMaxLength(100),
      ),
    new LabelBuilder()
      .setLabel('A picture')
      .setFileUploadComponent(new FileUploadBuilder().setCustomId('proof').setRequired(false)),
  );

async function answer(interaction: Interaction): Promise<void> {
  const allowedMentions = { parse: [] };
  if (interaction.isChatInputCommand() && interaction.commandName === 'develop') {
    const clip = interaction.options.getAttachment('clip', true);
    await interaction.deferReply();
    const bytes = Buffer.from(await (await fetch(clip.url)).arrayBuffer());
    await interaction.editReply({ content: 'developing', components: [buttons, looks], allowedMentions });
    const name = `developed-${interaction.options.getInteger('scale') ?? 1}.mp4`;
    await interaction.followUp({ content: 'done', files: [new AttachmentBuilder(bytes, { name })], allowedMentions });
    await interaction.followUp({ content: 'a private word', flags: MessageFlags.Ephemeral, allowedMentions });
  } else if (interaction.isChatInputCommand()) {
    await interaction.reply({ content: 'audited', flags: MessageFlags.Ephemeral, allowedMentions });
  } else if (interaction.isMessageContextMenuCommand()) {
    const names = interaction.targetMessage.attachments.map(({ name }) => name).join(', ');
    await interaction.reply({ content: `that has ${names}`, allowedMentions });
  } else if (interaction.isUserContextMenuCommand()) {
    await interaction.reply({ content: `hello ${interaction.targetUser.username}`, allowedMentions });
  } else if (interaction.isAutocomplete()) {
    await interaction.respond([{ name: `${interaction.options.getFocused()}pia`, value: 'sepia' }]);
  } else if (interaction.isButton() && interaction.customId === 'cancel') {
    await interaction.update({ content: 'cancelled', components: [] });
  } else if (interaction.isButton()) {
    await interaction.showModal(reportForm);
  } else if (interaction.isStringSelectMenu()) {
    await interaction.deferUpdate();
    await interaction.editReply({ content: `looks ${interaction.values.join()}`, allowedMentions });
  } else if (interaction.isModalSubmit()) {
    const proof = interaction.fields.getUploadedFiles('proof')?.map(({ name }) => name) ?? [];
    const reason = interaction.fields.getTextInputValue('reason');
    await interaction.reply({
      content: `reported: ${reason} ${proof.join()}`,
      flags: MessageFlags.Ephemeral,
      allowedMentions,
    });
  }
}

export interface ExampleBot {
  readonly client: Client<true>;
  /** What its handlers threw. */
  readonly errors: unknown[];
  readonly stop: () => Promise<void>;
}

/** Logs in, registers its commands and answers from then on. */
export async function startExampleBot(discord: DiscordServer): Promise<ExampleBot> {
  const errors: unknown[] = [];
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: discord.rest });
  client.on(Events.Error, (error) => errors.push(error));
  client.on(Events.InteractionCreate, (interaction) => {
    answer(interaction).catch((error: unknown) => errors.push(error));
  });
  const ready = new Promise<Client<true>>((resolve) => {
    client.once(Events.ClientReady, resolve);
  });
  await client.login(discord.token);
  const readied = await ready;
  await readied.application.commands.set(definitions);
  return {
    client: readied,
    errors,
    stop: async () => client.destroy(),
  };
}
