/** Installs a model in a process of its own, for tests with several at once. Takes the id and the options as JSON; prints the files. */
import { installModel, type InstallOptions } from '../../../src/engine/model/install.ts';

const [id = '', options = '{}'] = process.argv.slice(2);
const { files } = await installModel(id, JSON.parse(options) as InstallOptions);
process.stdout.write(Object.values(files).join());
