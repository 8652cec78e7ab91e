import { hearts } from '/client/hearts.js';
import { createScene } from './scene/scene.js';

/** Draws in a worker, so that a slow machine keeps the page's own thread for the page. */
const parts = {};

const start = {
  scene(canvas) {
    parts.scene = createScene(canvas);
  },
  hearts(canvas, options) {
    parts.hearts = hearts(canvas, { ...options, floated: (count) => postMessage(count) });
  },
};

addEventListener('message', ({ data: { part, name, values } }) => {
  if (name === 'start') start[part](...values);
  else parts[part][name](...values);
});
