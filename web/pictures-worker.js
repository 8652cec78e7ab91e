import { createHearts } from './hearts.js';
import { createScene } from './scene/scene.js';

/** Draws in a worker, so that a slow machine keeps the page's own thread for the page. */
const parts = {};

function start({ video, floats, still }) {
  parts.scene = createScene(video);
  parts.hearts = createHearts(floats, { still, floated: (count) => postMessage(count) });
}

addEventListener('message', ({ data: { part, name, value, at } }) => {
  if (part === 'start') start(value);
  else parts[part][name](value, at);
});
