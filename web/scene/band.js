import { painted } from './paint.js';

const DARK = '#05050f';

/** Each figure is drawn in units around its feet at 0, 0, facing the audience against the light. */
function body(context) {
  context.beginPath();
  context.ellipse(0, -12.6, 1.25, 1.55, 0, 0, 7);
  context.fill();
  context.beginPath();
  context.moveTo(-2.1, -10.3);
  context.quadraticCurveTo(0, -11.6, 2.1, -10.3);
  context.lineTo(1.5, -5.6);
  context.lineTo(2.1, 0);
  context.lineTo(0.7, 0);
  context.lineTo(0, -4.6);
  context.lineTo(-0.7, 0);
  context.lineTo(-2.1, 0);
  context.lineTo(-1.5, -5.6);
  context.closePath();
  context.fill();
}

function limb(context, ...points) {
  context.beginPath();
  context.moveTo(...points[0]);
  for (const point of points.slice(1)) context.lineTo(...point);
  context.stroke();
}

function singer(context) {
  body(context);
  limb(context, [1.8, -10], [3.4, -12.8], [4.6, -16]);
  limb(context, [-1.8, -10], [-2.9, -8.6], [-0.9, -11.4]);
  context.fillRect(-1.1, -12.3, 1.2, 0.7);
}

function guitarist(context) {
  body(context);
  limb(context, [-1.8, -10], [-3, -7.6], [-0.6, -6.6]);
  limb(context, [1.8, -10], [3.6, -8.6], [4.6, -9]);
  context.save();
  context.translate(-0.4, -6.8);
  context.rotate(-0.36);
  context.fillRect(0, -0.35, 7.4, 0.7);
  context.beginPath();
  context.ellipse(-0.6, 0, 2.2, 1.5, 0, 0, 7);
  context.fill();
  context.restore();
}

function keys(context) {
  body(context);
  limb(context, [1.8, -10], [2.8, -7.6], [1.6, -6.2]);
  limb(context, [-1.8, -10], [-2.8, -7.6], [-1.6, -6.2]);
  context.fillRect(-5.5, -6.2, 11, 1.3);
  limb(context, [-4, -5], [4, 0]);
  limb(context, [4, -5], [-4, 0]);
}

function drums(context) {
  context.translate(0, -3.4);
  body(context);
  limb(context, [1.8, -10], [3.8, -9], [4.4, -11.4]);
  limb(context, [-1.8, -10], [-3.6, -8.4], [-2.8, -6.6]);
  context.translate(0, 3.4);
  context.save();
  context.strokeStyle = '#4a4196';
  context.lineWidth = 0.3;
  for (const [x, y, r] of [
    [0, -3.2, 3.3],
    [-4.6, -4.6, 1.9],
    [4.6, -4.6, 1.9],
  ]) {
    context.beginPath();
    context.arc(x, y, r, 0, 7);
    context.fill();
    context.stroke();
  }
  context.restore();
  for (const side of [-1, 1]) {
    limb(context, [side * 7, 0], [side * 7, -9]);
    limb(context, [side * 4.8, -8.6], [side * 9.2, -9.4]);
  }
}

const PLAYERS = [
  { figure: drums, x: 5, back: 4.2, size: 0.86, hop: 0.1 },
  { figure: keys, x: -27, back: 1.2, size: 0.95, hop: 0.25 },
  { figure: guitarist, x: 25, back: 0.9, size: 1, hop: 0.5 },
  { figure: singer, x: -10, back: -0.6, size: 1.16, hop: 0.7 },
];

function picture(figure, size) {
  return painted(24 * size, 22 * size, (context) => {
    context.translate(12 * size, 20 * size);
    context.scale(size, size);
    context.fillStyle = context.strokeStyle = DARK;
    context.lineWidth = 1;
    context.lineCap = context.lineJoin = 'round';
    figure(context);
  });
}

/**
 * Four musicians as shadows before the light wall.
 * @param {{unit: number, middle: number, floor: number}} place
 */
export function createBand({ unit: u, middle, floor }) {
  const players = PLAYERS.map((player) => ({
    ...player,
    shape: picture(player.figure, u * player.size),
  }));

  return {
    draw(context, { time, kick }) {
      for (const { shape, x, back, hop, size } of players) {
        const sway = Math.sin(time * 1.6 + x) * 0.9 * hop;
        const left = middle + (x + sway) * u - shape.width / 2;
        const feet = floor - (back + kick * hop) * u;
        context.drawImage(shape, left, feet - 20 * u * size);
      }
    },
  };
}
