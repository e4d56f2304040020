/** A portrait in which no face moves: each frame is the photograph. Camera moves over landscapes need no more. */
import type { Picture } from '../picture.ts';
import type { Portrait } from './render/portrait.ts';

export function stillPortrait(photo: Picture): Portrait {
  return {
    photo,
    faces: [],
    parallel: 1,
    render: () => Promise.resolve({ picture: photo, meshes: [], limits: [], folds: 0, stretch: 1 }),
    close: () => Promise.resolve(),
  };
}
