import { dice, glow, gradient, painted } from './paint.js';

const ROWS = [
  { seed: 3, size: 4.2, y: 0, dark: '#1d1746', rim: '#a45cff', every: 3.2, hop: 0.5, pan: 0.4 },
  { seed: 7, size: 6.4, y: 0.05, dark: '#140f36', rim: '#e65ad8', every: 5.2, hop: 0.9, pan: 0.9 },
  { seed: 13, size: 9.6, y: 0.12, dark: '#0c0a24', rim: '#b25cff', every: 8.2, hop: 1.3, pan: 1.6 },
  { seed: 19, size: 14, y: 0.24, dark: '#060614', rim: '#6a4ce0', every: 12.5, hop: 1.9, pan: 2.6 },
];
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

/** Head, shoulders and arms around the neck at 0, 0; one unit is a head's height. */
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

/** Lit from behind by the stage: the same shape twice, the light one a little higher. */
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

function row(place, { seed, size, every, dark, rim, ...shape }) {
  const random = dice(seed);
  const { unit: u, width } = place;
  const pictures = POSES.map((pose) => person(pose, (size * u) / 2.1, dark, rim));
  const count = Math.ceil(width / (every * u * 0.62)) + 3;
  const people = Array.from({ length: count }, (_, i) => ({
    x: (i - 1 + (random() - 0.5) * 0.5) * every * u * 0.62,
    down: random() * size * 0.28 * u,
    phase: random(),
    picture: pictures[Math.floor(random() * pictures.length)],
  }));
  return { ...shape, people, dark };
}

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
 * The people before the stage, in four depths, and lights adrift in the air.
 * @param {{width: number, height: number, floor: number, unit: number}} place
 */
export function createAudience(place) {
  const { width, height, floor, unit: u } = place;
  const rows = ROWS.map((shape) => row(place, shape));
  const adrift = motes(place);
  const haze = glow(128, '170, 70, 255');
  const mote = glow(64, '255, 170, 220');
  const edge = vignette(place);

  function drawRow(context, { people, y, hop, pan }, { time, beat, energy }) {
    const ground = floor + y * (height - floor) + 4 * u;
    const shift = Math.sin(time * 0.13) * pan * u;
    for (const { x, down, phase, picture } of people) {
      const jump = Math.abs(Math.sin((beat + phase * 0.35) * Math.PI)) * hop * (0.35 + energy) * u;
      const sway = Math.sin(time * 0.9 + phase * 40) * 0.35 * u;
      context.drawImage(picture, x + shift + sway - picture.width / 2, ground + down - jump);
    }
  }

  /** The air between two rows, lit from the stage: it is what makes them stand apart. */
  function drawHaze(context, { y }, { kick, energy }) {
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
      for (const people of rows) {
        drawHaze(context, people, now);
        drawRow(context, people, now);
      }
      context.globalCompositeOperation = 'lighter';
      drawMotes(context, now);
      context.globalCompositeOperation = 'source-over';
      context.drawImage(edge, 0, 0);
    },
  };
}
