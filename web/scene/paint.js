/** A canvas that is not on the page; in a worker there is no document to make one. */
export function newCanvas(width, height) {
  if (typeof OffscreenCanvas === 'function') return new OffscreenCanvas(width, height);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

/**
 * A canvas that is painted once and drawn often.
 * @param {number} width
 * @param {number} height
 * @param {(context: CanvasRenderingContext2D) => void} paint
 */
export function painted(width, height, paint) {
  const canvas = newCanvas(Math.max(1, Math.ceil(width)), Math.max(1, Math.ceil(height)));
  paint(canvas.getContext('2d'));
  return canvas;
}

/**
 * Numbers that look random and are the same for every viewer and after every resize.
 * @param {number} seed
 * @returns {() => number} from 0 to 1
 */
export function dice(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number, number, number]} line from x, y to x, y
 * @param {[number, string][]} stops
 */
export function gradient(context, line, stops) {
  const fill = context.createLinearGradient(...line);
  for (const [at, colour] of stops) fill.addColorStop(at, colour);
  return fill;
}

/**
 * A soft round light of one colour, to be drawn additively.
 * @param {number} size
 * @param {string} rgb such as `255, 80, 140`
 */
export function glow(size, rgb) {
  return painted(size, size, (context) => {
    const half = size / 2;
    const fill = context.createRadialGradient(half, half, 0, half, half, half);
    for (const [at, alpha] of [
      [0, 1],
      [0.18, 0.62],
      [0.45, 0.2],
      [0.75, 0.045],
      [1, 0],
    ]) {
      fill.addColorStop(at, `rgba(${rgb}, ${alpha})`);
    }
    context.fillStyle = fill;
    context.fillRect(0, 0, size, size);
  });
}
