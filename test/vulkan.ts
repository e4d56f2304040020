/**
 * Points WebGPU at the software GPU of Debian's chromium where the machine has no other, so that tests can run it:
 * `apt-get install --no-install-recommends libvulkan1 chromium-common`. (Mesa's lavapipe will not do: the 22.3 of Debian
 * 12 lacks a Vulkan feature that WebGPU requires.)
 */
import { existsSync } from 'node:fs';
import { findProviders } from '../src/engine/model/providers.ts';
import type { ExecutionProvider } from '../src/engine/model/session.ts';

const softwareGpu = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Why WebGPU cannot be tested here, or undefined when it can. Call it before anything else starts a device. */
export async function webgpuFault(): Promise<string | undefined> {
  const chosen = process.env['VK_ICD_FILENAMES'];
  const first = await findProviders({ driverHint: chosen ?? '' }).trial('webgpu');
  if (first.reason === undefined || chosen !== undefined || !existsSync(softwareGpu)) return first.reason;
  process.env['VK_ICD_FILENAMES'] = softwareGpu;
  return (await findProviders({ driverHint: softwareGpu }).trial('webgpu')).reason;
}

/** Why a provider cannot be used here, WebGPU on a software GPU included; undefined when it can. */
export async function providerFault(provider: ExecutionProvider): Promise<string | undefined> {
  return provider === 'webgpu' ? webgpuFault() : (await findProviders().trial(provider)).reason;
}
