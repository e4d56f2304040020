/** Pictures in closed form for the golden files: waves, a spoked disc and a chequered plate, drifting from frame to frame. */

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGB, rows top to bottom, 8 bits a sample. */
  readonly data: Uint8Array;
}

/** The colour at (x, y), each channel around 0..255. */
function colourAt(x: number, y: number): readonly [number, number, number] {
  const [fromCentreX, fromCentreY] = [x - 52, y - 44];
  const radius = Math.hypot(fromCentreX, fromCentreY);
  if (radius < 26) {
    const spoke = Math.sin(8 * Math.atan2(fromCentreY, fromCentreX)) > 0 ? 45 : 0;
    return [230 - 2 * radius - spoke, 90 + 3 * radius + spoke, 60];
  }
  if (x > 90 && x < 130 && y > 20 && y < 80) {
    const isLight = ((Math.floor(x / 4) + Math.floor(y / 8)) & 1) === 1;
    return isLight ? [240, 235, 220] : [20, 30, 60];
  }
  return [
    120 + 60 * Math.sin(0.13 * x) + 40 * Math.sin(0.21 * y + 1),
    110 + 50 * Math.sin(0.17 * (x + y)),
    100 + 70 * Math.cos(0.05 * x - 0.11 * y),
  ];
}

/** The scene after it has drifted `time` times 6 pixels right and 2 down. */
export function drawPicture(width: number, height: number, time: number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const colour = colourAt(x - 6 * time, y - 2 * time);
      colour.forEach((value, channel) => {
        data[3 * (y * width + x) + channel] = Math.max(0, Math.min(255, Math.round(value)));
      });
    }
  }
  return { width, height, data };
}
