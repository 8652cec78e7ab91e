import { gradient, painted } from './paint.js';

const BARS = 45;
const CELLS = 20;

/** An equalizer without a sound: slow waves for the melody, the kick for the low end. */
function level(i, { time, kick, energy }) {
  const from = Math.abs(i / (BARS - 1) - 0.5) * 2;
  const wave = Math.sin(time * 3.1 + i * 0.55) * 0.5 + Math.sin(time * 5.3 - i * 1.1) * 0.5;
  const low = (1 - from) * kick * 0.3;
  return Math.max(0.08, Math.min(1, 0.28 + wave * 0.17 + low + energy * 0.28 - from * 0.06));
}

/** Whether a cell belongs to the big heart; `x` and `y` count from the heart's middle. */
function inHeart(x, y) {
  return (x * x + y * y - 1) ** 3 - 1.9 * x * x * y ** 3 < 0;
}

/** The dark grid between the lights: drawn over the bars, it divides them into cells. */
function grid(wide, high) {
  return painted(wide, high, (context) => {
    const step = wide / BARS;
    const cell = high / CELLS;
    context.fillStyle = '#0b0a26';
    for (let i = 0; i <= BARS; i++) context.fillRect((i - 0.14) * step, 0, step * 0.28, high);
    for (let k = 0; k <= CELLS; k++) context.fillRect(0, (k - 0.15) * cell, wide, cell * 0.3);
  });
}

function heart(wide, high) {
  return painted(wide, high, (context) => {
    const step = wide / BARS;
    const cell = high / CELLS;
    context.fillStyle = gradient(
      context,
      [0, 0, 0, high],
      [
        [0, '#ff7aa5'],
        [0.7, '#ff2f74'],
        [1, '#ff2f74'],
      ],
    );
    for (let i = 0; i < BARS; i++) {
      for (let k = 0; k < CELLS; k++) {
        const x = (i - (BARS - 1) / 2) / 7;
        const y = (CELLS * 0.43 - k) / 6.4;
        if (inHeart(x, y)) context.fillRect(i * step, k * cell, step + 1, cell + 1);
      }
    }
  });
}

/**
 * The wall of lights behind the band: an equalizer, and a heart that beats with the music.
 * @param {{left: number, right: number, top: number, bottom: number}} box
 */
export function createWall({ left, right, top, bottom }) {
  const wide = right - left;
  const high = bottom - top;
  const mesh = grid(wide, high);
  const sign = heart(wide, high);
  const step = wide / BARS;

  function fill(context) {
    return gradient(
      context,
      [0, bottom, 0, top],
      [
        [0, '#3be8ff'],
        [0.3, '#6a7bff'],
        [0.6, '#d24dff'],
        [1, '#ff4d8d'],
      ],
    );
  }

  return {
    draw(context, now) {
      context.fillStyle = '#15123c';
      context.fillRect(left, top, wide, high);
      context.globalAlpha = 0.5 + now.kick * 0.25 + now.energy * 0.2;
      context.fillStyle = fill(context);
      for (let i = 0; i < BARS; i++) {
        const lit = (Math.round(level(i, now) * CELLS) / CELLS) * high;
        context.fillRect(left + i * step, bottom - lit, step, lit);
      }
      context.globalAlpha = Math.min(1, 0.4 + now.kick * 0.32 + now.energy * 0.35);
      context.drawImage(sign, left, top);
      context.globalAlpha = 1;
      context.drawImage(mesh, left, top);
    },
  };
}
