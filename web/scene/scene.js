import { createForeground } from './foreground.js';
import { createSky } from './sky.js';
import { createStage } from './stage.js';

const FRAME_MS = 1000 / 30;
const SLOWEST_FRAME_MS = 90;
const LATE_MS = 25;
const MOST_PIXELS = 1_000_000;
const BEATS_A_SECOND = 112 / 60;

/** Positions and sizes in the canvas's pixels; a tall picture, as on a phone, has more sky. */
function layout(width, height) {
  const stageWidth = Math.min(width * 0.92, height * 0.84);
  const floor = height * (width > height ? 0.7 : 0.64);
  return { width, height, floor, unit: stageWidth / 100, stageWidth, middle: width / 2 };
}

/** The values that the picture depends on: the time, the beat, and the energy of the crowd. */
function moment(time, energy) {
  const beat = (time * BEATS_A_SECOND) % 1;
  return { time, beat, kick: Math.exp(-beat * 4.5), energy };
}

/**
 * The live picture, drawn in code: a stage by night, under northern lights. It is empty until the
 * first `resize`.
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 */
export function createScene(canvas) {
  const context = canvas.getContext('2d', { alpha: false });
  let parts = [];
  let energy = 0.25;
  let time = 40;
  let before = 0;
  let woken = 0;
  let strain = 0;
  let frameMs = FRAME_MS;
  let playing = false;

  function draw() {
    const now = moment(time, energy);
    for (const part of parts) part.draw(context, now);
  }

  /** Lowers the frame rate on a slow machine, so that the hearts keep theirs. */
  function slowDown(gap) {
    strain = gap > LATE_MS ? strain + 1 : Math.max(0, strain - 0.25);
    if (strain < 40) return;
    strain = 0;
    frameMs = Math.min(frameMs * 1.5, SLOWEST_FRAME_MS);
  }

  function frame(now) {
    if (!playing) return;
    requestAnimationFrame(frame);
    slowDown(now - woken);
    woken = now;
    // 30 frames a second, as in a real video; the hearts use the rest of the time.
    if (now - before < frameMs - 4) return;
    const seconds = Math.min(now - before, 100) / 1000;
    before = now;
    time += seconds;
    energy += (0.25 - energy) * seconds * 0.8;
    draw();
  }

  return {
    /** @param {{width: number, height: number, ratio: number}} size CSS pixels; `ratio`: device
     *   pixels of each */
    resize({ width, height, ratio }) {
      if (!width || !height) return;
      const fits = Math.sqrt(MOST_PIXELS / (width * height));
      const scale = Math.min(ratio, fits, 1.5);
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      const place = layout(canvas.width, canvas.height);
      parts = [createSky(place), createStage(place), createForeground(place)];
      draw();
    },
    play() {
      if (playing) return;
      playing = true;
      requestAnimationFrame(frame);
    },
    pause() {
      playing = false;
    },
    /** @param {number} likes new likes, which raise the energy */
    cheer(likes) {
      energy = Math.min(1, energy + Math.log1p(likes) * 0.03);
    },
  };
}
