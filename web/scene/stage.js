import { createBand } from './band.js';
import { createBeams } from './beams.js';
import { glow, gradient, painted } from './paint.js';
import { createWall } from './wall.js';

/** The parts that do not move: roof, towers and deck. */
function frameWork({ width, height, unit: u, middle, floor }, { left, right, top }) {
  return painted(width, height, (context) => {
    context.strokeStyle = '#0a0b22';
    context.fillStyle = '#080920';
    truss(context, left - 4 * u, right + 4 * u, top - 3 * u, u);
    for (const x of [left - 4 * u, right + 1 * u]) {
      context.fillRect(x, top - 3 * u, 3 * u, floor - top + 3 * u);
    }
    speakers(context, left - 2.5 * u, top, u);
    speakers(context, right + 2.5 * u, top, u);
    context.fillStyle = gradient(
      context,
      [0, floor - 2 * u, 0, floor + 5 * u],
      [
        [0, '#2a2260'],
        [0.3, '#14113a'],
        [1, '#08081c'],
      ],
    );
    context.fillRect(middle - 58 * u, floor - 1 * u, 116 * u, 7 * u);
  });
}

function truss(context, from, to, y, u) {
  context.lineWidth = Math.max(1, 0.6 * u);
  context.beginPath();
  for (let x = from; x < to - 1; x += 4 * u) {
    context.moveTo(x, y + 3 * u);
    context.lineTo(x + 2 * u, y);
    context.lineTo(x + 4 * u, y + 3 * u);
  }
  context.stroke();
  context.fillRect(from, y - 0.5 * u, to - from, 1 * u);
  context.fillRect(from, y + 2.5 * u, to - from, 1 * u);
}

/** A hanging line of loudspeakers, bent like a real one. */
function speakers(context, x, y, u) {
  for (let i = 0; i < 7; i++) {
    const bend = i * i * 0.01 * u;
    context.fillRect(x - 2 * u - bend, y + 1 * u + i * 2.3 * u, 4 * u, 2.1 * u);
  }
}

/**
 * The stage: frame, light wall with its equalizer, band, lamps and beams.
 * @param {{width: number, height: number, floor: number, unit: number, middle: number,
 *   stageWidth: number}} place
 */
export function createStage(place) {
  const { unit: u, middle, floor, stageWidth } = place;
  const box = {
    left: middle - 42 * u,
    right: middle + 42 * u,
    top: floor - 36 * u,
    bottom: floor - 2 * u,
  };
  const still = frameWork(place, box);
  const wall = createWall(box);
  const band = createBand(place);
  const beams = createBeams(place, box.top - 1 * u);
  const haze = glow(256, '190, 80, 255');
  const hot = glow(64, '255, 235, 250');

  function drawLight(context, { kick, energy }) {
    const size = stageWidth * 1.7;
    context.globalAlpha = 0.34 + kick * 0.12 + energy * 0.2;
    context.drawImage(haze, middle - size / 2, floor - 20 * u - size * 0.38, size, size * 0.76);
    context.globalAlpha = 0.8 + kick * 0.2;
    for (let i = 0; i < 11; i++) {
      const x = middle + (i / 10 - 0.5) * 88 * u;
      const r = (i % 2 ? 5 : 7) * u;
      context.drawImage(hot, x - r / 2, box.top - 1 * u - r / 2, r, r);
    }
    context.globalAlpha = 1;
  }

  return {
    draw(context, now) {
      wall.draw(context, now);
      context.drawImage(still, 0, 0);
      context.globalCompositeOperation = 'lighter';
      drawLight(context, now);
      context.globalCompositeOperation = 'source-over';
      band.draw(context, now);
      context.globalCompositeOperation = 'lighter';
      beams.draw(context, now);
      context.globalCompositeOperation = 'source-over';
    },
  };
}
