import { newCanvas } from './paint.js';

const WIDE = 96;
const LONG = 256;

/** One beam of light as a picture: narrow and bright at the lamp, wide and faint far from it. */
function beam([red, green, blue]) {
  const canvas = newCanvas(WIDE, LONG);
  const context = canvas.getContext('2d');
  const image = context.createImageData(WIDE, LONG);
  for (let y = 0; y < LONG; y++) {
    const far = y / LONG;
    const half = 0.03 + far * 0.4;
    for (let x = 0; x < WIDE; x++) {
      const side = (x / (WIDE - 1) - 0.5) / half;
      const core = Math.exp(-side * side * 9) * 0.5;
      const strength = Math.exp(-side * side * 3.2) * (1 - far) ** 1.4 * (0.55 + core);
      // `exp` is never 0, so fade out at the picture's edge.
      const edge = Math.min(1, (0.5 - Math.abs(x / (WIDE - 1) - 0.5)) * 12);
      image.data.set([red, green, blue, strength * edge * 255], (y * WIDE + x) * 4);
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

const COLOURS = [
  [255, 70, 150],
  [90, 130, 255],
  [60, 230, 255],
  [190, 90, 255],
];

/** Lamps that point up into the sky, and lamps that point down to the crowd. */
function lamps({ middle, stageWidth }, top) {
  const up = Array.from({ length: 6 }, (_, i) => ({
    x: middle + (i / 5 - 0.5) * stageWidth * 0.9,
    aim: Math.PI + (i / 5 - 0.5) * 1.15,
    swing: 0.2,
    long: 1.15,
    light: 0.5,
  }));
  const down = Array.from({ length: 5 }, (_, i) => ({
    x: middle + (i / 4 - 0.5) * stageWidth * 0.78,
    aim: -(i / 4 - 0.5) * 1.0,
    swing: 0.34,
    long: 0.95,
    light: 0.55,
  }));
  return [...up, ...down].map((lamp, i) => ({ ...lamp, y: top, i, of: i % COLOURS.length }));
}

/**
 * @param {{middle: number, stageWidth: number, floor: number}} place
 * @param {number} top the height of the lamps
 */
export function createBeams(place, top) {
  const pictures = COLOURS.map(beam);
  const all = lamps(place, top);
  const wide = place.stageWidth * 0.34;

  return {
    /** Additive: expects `lighter`. */
    draw(context, { time, kick, energy }) {
      for (const { x, y, aim, swing, long, light, i, of } of all) {
        const turn = aim + Math.sin(time * 0.7 + i * 1.9) * swing;
        const pulse = 0.62 + 0.38 * Math.sin(time * 1.3 + i * 2.4);
        context.globalAlpha = Math.min(1, light * pulse * (0.6 + energy * 0.55 + kick * 0.22));
        context.save();
        context.translate(x, y);
        context.rotate(turn);
        context.drawImage(pictures[of], -wide / 2, 0, wide, place.stageWidth * long * 0.8);
        context.restore();
      }
      context.globalAlpha = 1;
    },
  };
}
