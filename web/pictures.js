import { hearts } from '/client/hearts.js';
import { loadGlyphs } from './glyphs.js';
import { createScene } from './scene/scene.js';

const SCENE = ['resize', 'play', 'pause', 'cheer'];
const HEARTS = ['resize', 'burst', 'own'];

/** Starts parts in a worker, whose methods are called by messages. */
function createWorker(floated) {
  const worker = new Worker(new URL('pictures-worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }) => floated(data);
  const start = (part, names, canvas, options) => {
    const values = [canvas.transferControlToOffscreen(), options];
    worker.postMessage({ part, name: 'start', values }, [values[0]]);
    const call =
      (name) =>
      (...given) =>
        worker.postMessage({ part, name, values: given });
    return Object.fromEntries(names.map((name) => [name, call(name)]));
  };
  return {
    scene: (canvas) => start('scene', SCENE, canvas),
    hearts: (canvas, options) => start('hearts', HEARTS, canvas, options),
  };
}

function onPage(floated) {
  return {
    scene: createScene,
    hearts: (canvas, options) => hearts(canvas, { ...options, floated }),
  };
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
  const make = 'transferControlToOffscreen' in video ? createWorker : onPage;
  const parts = make((number) => {
    others = number;
    count();
  });
  const scene = parts.scene(video);
  let flow;

  function centre(element) {
    const box = element.getBoundingClientRect();
    const base = floats.getBoundingClientRect();
    return { x: box.x + box.width / 2 - base.x, y: box.y + box.height / 2 - base.y };
  }

  function resize() {
    const { clientWidth: width, clientHeight: height } = floats;
    const size = { width, height, ratio: devicePixelRatio };
    scene.resize(size);
    flow?.resize({ ...size, source: centre(from) });
  }

  // Both canvases fill the player.
  new ResizeObserver(resize).observe(floats);
  resize();
  loadGlyphs().then((glyphs) => {
    flow = parts.hearts(floats, { glyphs, still });
    resize();
  });

  return {
    scene,
    hearts: {
      burst: (increases) => flow?.burst(increases),
      /** Shows the viewer's own tap at once. */
      own(reaction, button) {
        own += 1;
        count();
        flow?.own(reaction, centre(button));
      },
    },
  };
}
