/** Where a face lies once its photograph has been enlarged or cut. */
import type { EyeShape, Face } from './face/face.ts';

/** The face in a picture that is `factor` times as large and then moved by `x` and `y` pixels. */
export function moveFace(face: Face, factor: number, x: number, y: number): Face {
  const at = ([px, py]: readonly [number, number]): readonly [number, number] => [px * factor + x, py * factor + y];
  const points = face.points.map((value, index) => value * factor + (index % 3 === 0 ? x : index % 3 === 1 ? y : 0));
  const { scale, rotation, translation } = face.pose;
  const [tx, ty, tz] = translation;
  const eye = ({ iris, irisRadius, lids }: EyeShape): EyeShape => ({
    iris: at(iris),
    irisRadius: irisRadius * factor,
    lids: new Map([...lids].map(([vertex, place]) => [vertex, at(place)])),
  });
  const { box } = face;
  return {
    ...face,
    box: { x: box.x * factor + x, y: box.y * factor + y, width: box.width * factor, height: box.height * factor },
    points,
    pose: { scale: scale * factor, rotation, translation: [tx * factor + x, ty * factor + y, tz * factor] },
    eyes: [eye(face.eyes[0]), eye(face.eyes[1])],
  };
}
