/** Where this machine keeps its weights and what it runs networks on: what a caller says, and what a plan needs to know. */
import { join } from 'node:path';

import { listModels } from '../../model/model-list.ts';
import { findProviders, type ProviderOptions } from '../../model/providers.ts';
import type { ExecutionProvider } from '../../model/session.ts';
import { loadDeviceCosts } from './device-costs.ts';
import type { PlanDevice } from './plan.ts';

export interface Machine {
  /** Folder of the weights cache; what is learned about the device stands beside them. */
  readonly modelsDir: string;
  /** Providers to try, in this order; all, fastest first, when left out. */
  readonly providers?: readonly ExecutionProvider[];
  /** Threads that share one operator on the CPU; the physical cores when left out. */
  readonly threads?: number;
}

export const costsFile = (machine: Machine): string => join(machine.modelsDir, 'device-costs.json');

/** How the session pool finds its providers: the same for planning and running, so that both mean the same device. */
export function providerOptions(machine: Machine): ProviderOptions {
  return {
    memoryFile: join(machine.modelsDir, 'providers.json'),
    ...(machine.providers && { providers: machine.providers }),
  };
}

/** The fastest provider that works, what work costs on it, and which networks are installed. */
export async function describeMachine(machine: Machine): Promise<PlanDevice> {
  const providers = findProviders(providerOptions(machine));
  let provider: ExecutionProvider = 'cpu';
  for (const name of await providers.candidates()) {
    if ((await providers.trial(name)).reason !== undefined) continue;
    provider = name;
    break;
  }
  const [costs, models] = await Promise.all([
    loadDeviceCosts(costsFile(machine), provider),
    listModels(machine.modelsDir),
  ]);
  return {
    provider,
    gpu: provider !== 'cpu',
    costs,
    installed: models.filter(({ state }) => state === 'installed').map(({ entry }) => entry.id),
  };
}
