const SECONDS = 45;
const SECOND_MS = 1000;

/**
 * The likes a second of the last 45 seconds, as a small curve.
 * @param {HTMLCanvasElement} canvas
 * @param {(rate: number) => void} onRate called with the count of the newest second
 */
export function createPulse(canvas, onRate) {
  const context = canvas.getContext('2d');
  const seconds = new Array(SECONDS).fill(0);
  let current = 0;
  let [width, height] = [0, 0];

  function trace() {
    const top = Math.max(6, ...seconds);
    const x = (i) => (i / (SECONDS - 1)) * width;
    const y = (i) => height - 3 - (seconds[i] / top) * (height - 8);
    context.beginPath();
    context.moveTo(0, y(0));
    for (let i = 1; i < SECONDS; i++) {
      const middle = (x(i - 1) + x(i)) / 2;
      context.bezierCurveTo(middle, y(i - 1), middle, y(i), x(i), y(i));
    }
  }

  function draw() {
    context.clearRect(0, 0, width, height);
    trace();
    context.lineWidth = 2;
    context.strokeStyle = '#ff5c86';
    context.stroke();
    context.lineTo(width, height);
    context.lineTo(0, height);
    const fill = context.createLinearGradient(0, 0, 0, height);
    fill.addColorStop(0, 'rgba(255, 70, 120, 0.38)');
    fill.addColorStop(1, 'rgba(255, 70, 120, 0)');
    context.fillStyle = fill;
    context.fill();
  }

  function nextSecond() {
    seconds.shift();
    seconds.push(current);
    onRate(current);
    current = 0;
    draw();
  }

  function resize([{ contentRect }]) {
    const scale = Math.min(devicePixelRatio, 2);
    ({ width, height } = contentRect);
    canvas.width = width * scale;
    canvas.height = height * scale;
    context.scale(scale, scale);
    draw();
  }

  setInterval(nextSecond, SECOND_MS);
  new ResizeObserver(resize).observe(canvas);

  return {
    /** @param {number} likes */
    add(likes) {
      current += likes;
    },
  };
}
