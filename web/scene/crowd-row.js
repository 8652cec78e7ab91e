import { dice, painted } from './paint.js';

const POSES = ['calm', 'calm', 'both', 'one', 'clap', 'phone'];

const ARMS = {
  calm: [],
  both: [
    [-0.75, -0.5, -1.05, -1.15, -0.95, -2.05],
    [0.75, -0.5, 1.1, -1.1, 0.85, -2],
  ],
  one: [[0.75, -0.5, 1.05, -1.2, 0.75, -2.2]],
  clap: [
    [-0.75, -0.5, -0.95, -1.3, -0.14, -2.1],
    [0.75, -0.5, 0.95, -1.3, 0.14, -2.1],
  ],
  phone: [[0.75, -0.5, 1, -1.1, 0.62, -1.75]],
};

/** Draws head, shoulders and arms; the neck is at 0, 0, and one unit is the height of a head. */
function figure(context, pose) {
  context.beginPath();
  context.ellipse(0, -0.55, 0.44, 0.54, 0, 0, 7);
  context.fill();
  context.fillRect(-0.2, -0.3, 0.4, 0.6);
  context.beginPath();
  context.moveTo(-1.05, 3);
  context.bezierCurveTo(-1.15, 0.6, -0.95, 0.12, -0.25, 0.05);
  context.lineTo(0.25, 0.05);
  context.bezierCurveTo(0.95, 0.12, 1.15, 0.6, 1.05, 3);
  context.fill();
  for (const [x0, y0, x1, y1, x2, y2] of ARMS[pose]) {
    context.beginPath();
    context.moveTo(x0, y0 + 1);
    context.quadraticCurveTo(x1, y1 + 0.6, x2, y2);
    context.stroke();
  }
}

/** Paints one person, lit from behind: the bright shape, then a dark one a little lower. */
function person(pose, size, dark, rim) {
  return painted(size * 3, size * 5.6, (context) => {
    context.translate(size * 1.5, size * 2.6);
    context.scale(size, size);
    context.lineWidth = 0.3;
    context.lineCap = 'round';
    context.fillStyle = context.strokeStyle = rim;
    figure(context, pose);
    context.translate(0, 0.07);
    context.fillStyle = context.strokeStyle = dark;
    figure(context, pose);
    if (pose !== 'phone') return;
    context.fillStyle = '#cfe4ff';
    context.fillRect(0.42, -2.2, 0.36, 0.6);
  });
}

/**
 * One row of people that dance before the stage.
 * @param {{width: number, height: number, floor: number, unit: number}} place
 * @param {{seed: number, size: number, y: number, dark: string, rim: string, every: number,
 *   hop: number, pan: number}} look
 */
export function createCrowdRow(place, { seed, size, every, dark, rim, y, hop, pan }) {
  const random = dice(seed);
  const { unit: u, width, height, floor } = place;
  const pictures = POSES.map((pose) => person(pose, (size * u) / 2.1, dark, rim));
  const count = Math.ceil(width / (every * u * 0.62)) + 3;
  const people = Array.from({ length: count }, (_, i) => ({
    x: (i - 1 + (random() - 0.5) * 0.5) * every * u * 0.62,
    down: random() * size * 0.28 * u,
    phase: random(),
    picture: pictures[Math.floor(random() * pictures.length)],
  }));
  const ground = floor + y * (height - floor) + 4 * u;

  return {
    draw(context, { time, beat, energy }) {
      const shift = Math.sin(time * 0.13) * pan * u;
      for (const { x, down, phase, picture } of people) {
        const lift = Math.abs(Math.sin((beat + phase * 0.35) * Math.PI)) * hop;
        const jump = lift * (0.35 + energy) * u;
        const sway = Math.sin(time * 0.9 + phase * 40) * 0.35 * u;
        context.drawImage(picture, x + shift + sway - picture.width / 2, ground + down - jump);
      }
    },
  };
}
