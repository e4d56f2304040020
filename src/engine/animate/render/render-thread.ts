/** A thread that draws frames: pixels are the slow part, and the main thread must not be held by them. */
import { parentPort } from 'node:worker_threads';

import { makePictures, movingBox } from './face-layer.ts';
import type { RenderAnswer, RenderRequest, RenderResult, RenderTask } from './render-protocol.ts';
import { drawFrame, makeScene, type Scene } from './scene.ts';

let scene: Scene | undefined;

function carryOut(task: RenderTask): RenderResult {
  switch (task.kind) {
    case 'box':
      return { kind: 'box', box: movingBox(task.size, task.canonical, task.setting) };
    case 'pictures':
      return { kind: 'pictures', pictures: makePictures(task.photo, task.canonical, task.setting, task.mask) };
    case 'open':
      scene = makeScene(task.parts);
      return { kind: 'open' };
    case 'draw':
      if (scene === undefined) throw new Error('asked to draw before a scene was opened');
      return { kind: 'draw', ...drawFrame(scene, task.motions) };
  }
}

parentPort!.on('message', ({ id, task }: RenderRequest) => {
  let answer: RenderAnswer;
  try {
    answer = { id, result: carryOut(task) };
  } catch (error) {
    answer = { id, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  const moved = 'result' in answer && answer.result.kind === 'draw' ? [answer.result.rgb.buffer] : [];
  parentPort!.postMessage(answer, moved);
});
