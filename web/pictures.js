import { hearts } from 'likestream-client/hearts';
import { loadGlyphs } from './glyphs.js';
import { createScene } from './scene/scene.js';

/** The scene, drawn in the worker. */
function createRemoteScene(worker, video) {
  const canvas = video.transferControlToOffscreen();
  worker.postMessage({ name: 'start', canvas }, [canvas]);
  const call =
    (name) =>
    (...values) =>
      worker.postMessage({ name, values });
  return {
    resize: call('resize'),
    play: call('play'),
    pause: call('pause'),
    cheer: call('cheer'),
  };
}

function startWorker() {
  return new Worker(new URL('pictures-worker.js', import.meta.url), { type: 'module' });
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
  const worker = 'transferControlToOffscreen' in video ? startWorker() : undefined;
  const scene = worker ? createRemoteScene(worker, video) : createScene(video);
  let flow;

  function resize() {
    const { clientWidth: width, clientHeight: height } = video;
    scene.resize({ width, height, ratio: devicePixelRatio });
  }

  new ResizeObserver(resize).observe(video);
  resize();
  loadGlyphs().then((glyphs) => {
    flow = hearts(floats, { glyphs, still, from, floated, ...(worker && { worker }) });
  });

  return {
    scene,
    hearts: {
      burst: (increases) => flow?.burst(increases),
      /** Shows the viewer's own tap at once. */
      own(reaction, button) {
        own += 1;
        count();
        const box = button.getBoundingClientRect();
        const base = floats.getBoundingClientRect();
        const x = box.x + box.width / 2 - base.x;
        flow?.own(reaction, { x, y: box.y + box.height / 2 - base.y });
      },
    },
  };
}
