/** A thread that draws frames: pixels are the slow part, and the main thread must not be held by them. */
import { answerCalls } from '../../thread-answers.ts';
import { makePictures, movingBox } from './face-layer.ts';
import type { RenderCalls } from './render-calls.ts';
import { drawFrame, makeScene, type Scene } from './scene.ts';

let scene: Scene | undefined;

answerCalls<RenderCalls>({
  box: ({ size, canonical, setting }) => ({ result: movingBox(size, canonical, setting) }),
  pictures: ({ photo, canonical, setting, mask }) => ({ result: makePictures(photo, canonical, setting, mask) }),
  open: ({ parts }) => {
    scene = makeScene(parts);
    return { result: undefined };
  },
  draw: ({ motions }) => {
    if (scene === undefined) throw new Error('asked to draw before a scene was opened');
    const result = drawFrame(scene, motions);
    return { result, moved: [result.rgb.buffer] };
  },
});
