/** What ONNX Runtime complained about, without the place in its source where it did. */

/**
 * `…/webgpu_context.cc:136 …::Initialize(…) status == Success was false. Failed to get a WebGPU adapter` becomes its last
 * sentence. Text of any other form stays as it is, on one line.
 */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/^\S*\.(?:cc|cpp|h):\d+ .*? was false\. /s, '')
    .replace(/\s+/g, ' ')
    .trim();
}
