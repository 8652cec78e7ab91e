import { newCanvas } from './paint.js';

const WIDE = 200;
const HIGH = 90;

// By height: the green foot, the teal body and the violet crown of real northern lights.
const FOOT = [70, 255, 170];
const BODY = [40, 190, 255];
const CROWN = [150, 70, 255];

const CURTAINS = [
  { base: 0.5, tall: 0.42, fold: 1.0, speed: 0.05, rays: 9, light: 0.75 },
  { base: 0.68, tall: 0.6, fold: 1.7, speed: -0.04, rays: 14, light: 1.1 },
  { base: 0.82, tall: 0.4, fold: 2.6, speed: 0.07, rays: 21, light: 0.65 },
];

const mix = (a, b, part) => a + (b - a) * part;

/** One column of one curtain: the height of its foot, its length and its brightness. */
function column({ base, tall, fold, speed, rays, light }, x, time) {
  const bend = x * fold + time * speed;
  const wave = Math.sin(bend * 4.1) * 0.6 + Math.sin(bend * 9.7 + 1.3) * 0.25;
  const ray = 0.55 + 0.45 * Math.sin(x * rays * 6.1 + wave * 5 + time * 0.9);
  const fine = 0.8 + 0.2 * Math.sin(x * rays * 23 - time * 1.7);
  const patch = Math.max(0, 0.45 + 0.75 * Math.sin(bend * 3.1 + fold * 7 + time * 0.11));
  return {
    foot: (base + wave * 0.11) * HIGH,
    rise: tall * (0.55 + 0.45 * ray) * HIGH,
    bright: light * patch * ray * fine,
  };
}

function light(pixels, x, { foot, rise, bright }) {
  const from = Math.max(0, Math.floor(foot - rise));
  for (let y = from; y < Math.min(HIGH, foot + 3); y++) {
    const up = (foot - y) / rise;
    const glow = up < 0 ? Math.exp(up * rise * 0.9) : Math.max(0, 1 - up) ** 1.8;
    const strength = bright * glow;
    const low = Math.min(1, Math.max(0, up) * 1.9);
    const high = Math.max(0, up * 1.7 - 0.5);
    const at = (y * WIDE + x) * 4;
    for (let c = 0; c < 3; c++) {
      pixels[at + c] += mix(mix(FOOT[c], BODY[c], low), CROWN[c], Math.min(1, high)) * strength;
    }
  }
}

/**
 * Northern lights, computed pixel by pixel on a small canvas, which is cheap; scaling it up makes
 * them soft.
 */
export function createAurora() {
  const canvas = newCanvas(WIDE, HIGH);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const image = context.createImageData(WIDE, HIGH);
  const pixels = image.data;

  return {
    /** @param {number} time seconds */
    at(time) {
      pixels.fill(0);
      for (let i = 3; i < pixels.length; i += 4) pixels[i] = 255;
      for (const curtain of CURTAINS) {
        for (let x = 0; x < WIDE; x++) light(pixels, x, column(curtain, x / WIDE, time));
      }
      context.putImageData(image, 0, 0);
      return canvas;
    },
  };
}
