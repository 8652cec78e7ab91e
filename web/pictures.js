import { loadGlyphs } from './glyphs.js';
import { createHearts } from './hearts.js';
import { createScene } from './scene/scene.js';

const SCENE = ['resize', 'play', 'pause', 'cheer'];
const HEARTS = ['resize', 'setGlyphs', 'burst', 'own'];

/** Calls the methods of a part in the worker. */
function remote(worker, part, names) {
  const call = (name) => (value, at) => worker.postMessage({ part, name, value, at });
  return Object.fromEntries(names.map((name) => [name, call(name)]));
}

function inWorker({ video, floats, still, floated }) {
  const worker = new Worker(new URL('pictures-worker.js', import.meta.url), { type: 'module' });
  const canvases = [video, floats].map((canvas) => canvas.transferControlToOffscreen());
  const value = { video: canvases[0], floats: canvases[1], still };
  worker.postMessage({ part: 'start', value }, canvases);
  worker.onmessage = ({ data }) => floated(data);
  return { scene: remote(worker, 'scene', SCENE), hearts: remote(worker, 'hearts', HEARTS) };
}

function onPage({ video, floats, still, floated }) {
  return { scene: createScene(video), hearts: createHearts(floats, { still, floated }) };
}

/**
 * The live picture and the glyphs that rise over it, drawn in a worker where the browser can.
 * @param {{video: HTMLCanvasElement, floats: HTMLCanvasElement, from: Element, still: boolean}}
 *   options `floats` has the number of glyphs so far in `data-floated`; `from`: the button that
 *   others' glyphs rise from; `still`: glyphs fade in place
 */
export function createPictures({ video, floats, from, still }) {
  let [own, others] = [0, 0];
  const count = () => {
    floats.dataset.floated = own + others;
  };
  const floated = (number) => {
    others = number;
    count();
  };
  const make = 'transferControlToOffscreen' in video ? inWorker : onPage;
  const { scene, hearts } = make({ video, floats, still, floated });

  function centre(element) {
    const box = element.getBoundingClientRect();
    const base = floats.getBoundingClientRect();
    return { x: box.x + box.width / 2 - base.x, y: box.y + box.height / 2 - base.y };
  }

  function resize() {
    const { clientWidth: width, clientHeight: height } = floats;
    const size = { width, height, ratio: devicePixelRatio };
    scene.resize(size);
    hearts.resize({ ...size, source: centre(from) });
  }

  // Both canvases fill the player.
  new ResizeObserver(resize).observe(floats);
  resize();
  loadGlyphs().then((glyphs) => hearts.setGlyphs(glyphs));

  return {
    scene,
    hearts: {
      burst: (increases) => hearts.burst(increases),
      /** Shows the viewer's own tap at once. */
      own(reaction, button) {
        own += 1;
        count();
        hearts.own(reaction, centre(button));
      },
    },
  };
}
