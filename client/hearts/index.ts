import { createLocal } from './local';
import type { Hearts, HeartsOptions, Size } from './options';
import { createRemote, serve } from './remote';

export type { Point } from './flight';
export type { Glyph, Glyphs } from './glyphs';
export type { Hearts, HeartsOptions, Size } from './options';

/** The size of a canvas of the page, with the centre of an element as the source. */
function sizeOf(canvas: HTMLCanvasElement, from?: Element): Size {
  const { clientWidth: width, clientHeight: height } = canvas;
  const size = { width, height, ratio: devicePixelRatio };
  if (from === undefined) return size;
  const base = canvas.getBoundingClientRect();
  const box = from.getBoundingClientRect();
  const x = box.x + box.width / 2 - base.x;
  return { ...size, source: { x, y: box.y + box.height / 2 - base.y } };
}

/**
 * Lets hearts rise over a video: a bounded number at a time, however many likes come. While none is
 * in the air, no frame is drawn.
 * @param canvas over the video; or an `OffscreenCanvas` of a worker
 */
export function hearts(
  canvas: HTMLCanvasElement | OffscreenCanvas,
  options: HeartsOptions = {},
): Hearts {
  if (!('clientWidth' in canvas)) return createLocal(canvas, options);
  const { from, worker } = options;
  const { matches: still } = matchMedia('(prefers-reduced-motion: reduce)');
  const given = { still, ...options };
  const canTransfer = worker && 'transferControlToOffscreen' in canvas;
  const made = canTransfer ? createRemote(canvas, worker, given) : createLocal(canvas, given);
  const measure = () => made.resize(sizeOf(canvas, from));
  const observer = new ResizeObserver(measure);
  observer.observe(canvas);
  measure();
  return {
    ...made,
    close() {
      observer.disconnect();
      made.close();
    },
  };
}

if (!('document' in globalThis) && 'WorkerGlobalScope' in globalThis) serve();
