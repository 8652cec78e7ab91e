import { createCrowdRow } from './crowd-row.js';
import { dice, glow, gradient, painted } from './paint.js';

const ROWS = [
  { seed: 3, size: 4.2, y: 0, dark: '#1d1746', rim: '#a45cff', every: 3.2, hop: 0.5, pan: 0.4 },
  { seed: 7, size: 6.4, y: 0.05, dark: '#140f36', rim: '#e65ad8', every: 5.2, hop: 0.9, pan: 0.9 },
  { seed: 13, size: 9.6, y: 0.12, dark: '#0c0a24', rim: '#b25cff', every: 8.2, hop: 1.3, pan: 1.6 },
  { seed: 19, size: 14, y: 0.24, dark: '#060614', rim: '#6a4ce0', every: 12.5, hop: 1.9, pan: 2.6 },
];

function motes({ width, height }) {
  const random = dice(71);
  return Array.from({ length: 26 }, () => ({
    x: random() * width,
    y: random() * height,
    size: 3 + random() ** 3 * 26,
    speed: 5 + random() * 14,
    phase: random() * 7,
  }));
}

function vignette({ width, height }) {
  return painted(width, height, (context) => {
    const far = Math.hypot(width, height) / 2;
    const edge = context.createRadialGradient(
      width / 2,
      height * 0.5,
      far * 0.5,
      width / 2,
      height * 0.5,
      far,
    );
    edge.addColorStop(0, 'rgba(2, 2, 12, 0)');
    edge.addColorStop(1, 'rgba(2, 2, 12, 0.45)');
    context.fillStyle = edge;
    context.fillRect(0, 0, width, height);
    context.fillStyle = gradient(
      context,
      [0, height * 0.74, 0, height],
      [
        [0, 'rgba(4, 4, 14, 0)'],
        [1, 'rgba(4, 4, 14, 0.62)'],
      ],
    );
    context.fillRect(0, height * 0.74, width, height);
  });
}

/**
 * What is before the stage: four rows of people, haze between them, and lights adrift in the air.
 * @param {{width: number, height: number, floor: number, unit: number}} place
 */
export function createForeground(place) {
  const { width, height, floor, unit: u } = place;
  const rows = ROWS.map((look) => ({ y: look.y, people: createCrowdRow(place, look) }));
  const adrift = motes(place);
  const haze = glow(128, '170, 70, 255');
  const mote = glow(64, '255, 170, 220');
  const edge = vignette(place);

  /** Draws the air before a row, lit from the stage: it separates the row from the one behind. */
  function drawHaze(context, y, { kick, energy }) {
    context.globalCompositeOperation = 'lighter';
    context.globalAlpha = (0.16 + kick * 0.08 + energy * 0.14) * (1 - y * 1.6);
    const ground = floor + y * (height - floor);
    context.drawImage(haze, -width * 0.1, ground - 9 * u, width * 1.2, 26 * u);
    context.globalAlpha = 1;
    context.globalCompositeOperation = 'source-over';
  }

  function drawMotes(context, { time, energy }) {
    for (const { x, y, size, speed, phase } of adrift) {
      const up = (((y - time * speed) % height) + height) % height;
      const across = x + Math.sin(time * 0.4 + phase) * 18;
      context.globalAlpha = (0.1 + 0.16 * energy) * (0.5 + 0.5 * Math.sin(time + phase));
      context.drawImage(mote, across, up, size, size);
    }
    context.globalAlpha = 1;
  }

  return {
    draw(context, now) {
      for (const { y, people } of rows) {
        drawHaze(context, y, now);
        people.draw(context, now);
      }
      context.globalCompositeOperation = 'lighter';
      drawMotes(context, now);
      context.globalCompositeOperation = 'source-over';
      context.drawImage(edge, 0, 0);
    },
  };
}
