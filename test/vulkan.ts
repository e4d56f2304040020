/**
 * Points WebGPU at the software GPU of Debian's chromium where the machine has no other, so that tests can run it:
 * `apt-get install --no-install-recommends libvulkan1 chromium-common`. (Mesa's lavapipe will not do: the 22.3 of Debian
 * 12 lacks a Vulkan feature that WebGPU requires.)
 */
import { existsSync } from 'node:fs';
import { faultOfProvider } from '../src/engine/model/provider-trial.ts';
import type { ExecutionProvider } from '../src/engine/model/session.ts';

const softwareGpu = '/usr/lib/chromium/vk_swiftshader_icd.json';

/**
 * Why a provider cannot be tested here, or undefined when it can, however slow. Call it for WebGPU before anything else
 * starts a device.
 */
export async function providerFault(provider: ExecutionProvider): Promise<string | undefined> {
  const fault = await faultOfProvider(provider);
  const mayImitate = provider === 'webgpu' && process.env['VK_ICD_FILENAMES'] === undefined && existsSync(softwareGpu);
  if (fault === undefined || !mayImitate) return fault;
  process.env['VK_ICD_FILENAMES'] = softwareGpu;
  return faultOfProvider(provider);
}
