// Draws in a worker, so that a slow machine keeps the page's own thread for the page. The client's
// hearts listen to their own messages.
import 'likestream-client/hearts';
import { createScene } from './scene/scene.js';

let scene;

addEventListener('message', ({ data: { canvas, name, values } }) => {
  if (name === 'start') scene = createScene(canvas);
  else if (name) scene[name](...values);
});
