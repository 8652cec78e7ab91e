import { Flow } from './flow';
import { glyphs } from './glyphs';
import type { Hearts, HeartsOptions } from './options';

const MOST_PIXEL_RATIO = 2;

/** Without a graphics processor, each pixel of the canvas takes time in each frame. */
const MOST_PIXELS = 2_000_000;

/** Hearts that are drawn in this thread. */
export function createLocal(
  canvas: HTMLCanvasElement | OffscreenCanvas,
  { floated = () => {}, glyphs: more, most, still = false }: HeartsOptions,
): Hearts {
  const flow = new Flow(canvas, { imageOf: glyphs(more), still, floated, ...(most && { most }) });
  return {
    burst: (increases) => flow.burst(increases),
    own: (reaction = 'like', at) => flow.own(reaction, at),
    resize({ width, height, ratio = 1, source = { x: width * 0.88, y: height * 0.94 } }) {
      const fits = Math.sqrt(MOST_PIXELS / (width * height || 1));
      flow.resize({ width, height, source }, Math.min(ratio, MOST_PIXEL_RATIO, fits));
    },
    close: () => flow.end(),
  };
}
