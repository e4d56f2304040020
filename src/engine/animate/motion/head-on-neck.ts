/** Measures of a head on its neck, for everything that sees one move or moves it. Head space, centimetres. */

/** Where a head turns on the neck: it moves when the body does, not when the head only turns. */
export const neckPivot: readonly [number, number, number] = [0, 6, 5];

/** How far the camera is taken to be from a head: as far as coming nearer makes it larger. */
export const cameraDistance = 60;

/** How far a head may come towards the camera: its `z`. At -60 it would be the camera itself; here it is twelve times as large. */
export const nearestHead = -55;

/** Share of the chest's rise that the head takes part in. */
export const headRise = 0.75;
