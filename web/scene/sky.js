import { createAurora } from './aurora.js';
import { dice, glow, gradient, painted } from './paint.js';

const RIDGES = [
  { seed: 11, tall: 0.62, rough: 5, top: '#202a66', foot: '#5a4fae', pan: 0.006, snow: 0.38 },
  { seed: 47, tall: 0.4, rough: 8, top: '#141a48', foot: '#40398a', pan: 0.012, snow: 0.22 },
  { seed: 83, tall: 0.17, rough: 14, top: '#0d1130', foot: '#241f52', pan: 0.02, snow: 0 },
];
const MARGIN = 0.04;

function backdrop({ width, height, floor }) {
  return painted(width, height, (context) => {
    context.fillStyle = gradient(
      context,
      [0, 0, 0, floor],
      [
        [0, '#040716'],
        [0.4, '#0a1338'],
        [0.75, '#1d2260'],
        [1, '#4a3488'],
      ],
    );
    context.fillRect(0, 0, width, height);
    const random = dice(5);
    const count = (width * floor) / 1500;
    for (let i = 0; i < count; i++) {
      const size = random() ** 6 * 1.5 + 0.5;
      context.fillStyle = `rgba(${215 + random() * 40}, 225, 255, ${0.2 + random() * 0.6})`;
      context.fillRect(random() * width, random() ** 1.2 * floor * 0.85, size, size);
    }
  });
}

/** A mountain chain's outline: halved again and again, each time with smaller steps. */
function outline(random, points, roughness) {
  // Tall at both sides, because the stage is in the middle.
  let heights = [0.5, 0.75 + random() * 0.2, 0.3, 0.7 + random() * 0.25, 0.45];
  let step = 0.3;
  while (heights.length < points) {
    heights = heights.flatMap((a, i) =>
      i + 1 < heights.length ? [a, (a + heights[i + 1]) / 2 + (random() - 0.5) * step] : [a],
    );
    step *= 0.5 + roughness / 100;
  }
  return heights;
}

function ridge({ width, floor, height }, { seed, tall, rough, top, foot, snow }) {
  const wide = width * (1 + MARGIN * 2);
  const high = Math.min(floor, height * 0.7) * tall;
  return painted(wide, high, (context) => {
    const heights = outline(dice(seed), 160, rough);
    const step = wide / (heights.length - 1);
    context.beginPath();
    context.moveTo(0, high);
    for (const [i, h] of heights.entries()) {
      context.lineTo(i * step, high * (1 - Math.max(0.08, Math.min(1, h))));
    }
    context.lineTo(wide, high);
    context.fillStyle = gradient(
      context,
      [0, 0, 0, high],
      [
        [0, top],
        [1, foot],
      ],
    );
    context.fill();
    if (!snow) return;
    // The aurora's light on the slopes that face it.
    context.clip();
    context.lineWidth = 2;
    context.strokeStyle = `rgba(150, 255, 220, ${snow})`;
    context.stroke();
  });
}

function twinkles({ width, floor }) {
  const random = dice(29);
  return Array.from({ length: 26 }, () => ({
    x: random() * width,
    y: random() * floor * 0.55,
    pace: 0.6 + random() * 2,
    phase: random() * 7,
  }));
}

/**
 * Night sky, aurora and mountains.
 * @param {{width: number, height: number, floor: number}} place
 */
export function createSky(place) {
  const { width, floor } = place;
  const back = backdrop(place);
  const aurora = createAurora();
  const ridges = RIDGES.map((shape) => ({ ...shape, picture: ridge(place, shape) }));
  const stars = twinkles(place);
  const spark = glow(12, '220, 235, 255');

  function drawStars(context, time) {
    for (const { x, y, pace, phase } of stars) {
      context.globalAlpha = 0.35 + 0.65 * Math.sin(time * pace + phase) ** 2;
      context.drawImage(spark, x, y);
    }
  }

  return {
    draw(context, { time, energy }) {
      context.drawImage(back, 0, 0);
      context.globalCompositeOperation = 'lighter';
      context.globalAlpha = 0.75 + energy * 0.25;
      context.drawImage(aurora.at(time), 0, 0, width, floor * 0.9);
      drawStars(context, time);
      context.globalCompositeOperation = 'source-over';
      context.globalAlpha = 1;
      for (const { picture, pan } of ridges) {
        // The camera moves a little; near ridges move more than far ones.
        const shift = (Math.sin(time * 0.13) * pan - MARGIN) * width;
        context.drawImage(picture, shift, floor - picture.height + 2);
      }
      context.fillStyle = '#0b0a22';
      context.fillRect(0, floor, width, place.height - floor);
    },
  };
}
