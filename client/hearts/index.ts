import type { Point } from './flight';
import { Flow } from './flow';
import { type Glyphs, glyphs } from './glyphs';

export type { Point } from './flight';
export type { Glyph, Glyphs } from './glyphs';

const MOST_PIXEL_RATIO = 2;

export interface Size {
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** The device pixels of a CSS pixel; at most 2 are used. */
  readonly ratio?: number;
  /** Where the likes of others rise from, in CSS pixels. Default: the lower right. */
  readonly source?: Point;
}

export interface HeartsOptions {
  /** By reaction: an emoji or an image. Default: hearts, and emoji for the built-in reactions. */
  readonly glyphs?: Glyphs;
  /** The most glyphs in the air at a time. Default: 160. */
  readonly most?: number;
  /** Glyphs fade in place, and are few. Default: as `prefers-reduced-motion` says. */
  readonly still?: boolean;
  /** The element, as a like button, that the likes of others rise from. */
  readonly from?: Element;
  /** Called with the number of glyphs of others that were shown so far. */
  readonly floated?: (count: number) => void;
}

export interface Hearts {
  /** Shows likes of others: all of a few, a part of many, at least one of each reaction. */
  burst(increases: Readonly<Record<string, number>>): void;
  /** Shows the viewer's own like at once, even if the others' glyphs are at their limit. */
  own(reaction?: string, at?: Point): void;
  /** Sets the size; only an `OffscreenCanvas` needs it, a canvas of a page is observed. */
  resize(size: Size): void;
  close(): void;
}

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
 * @param canvas over the video; or an `OffscreenCanvas` in a worker
 */
export function hearts(
  canvas: HTMLCanvasElement | OffscreenCanvas,
  { glyphs: more, most, still, from, floated = () => {} }: HeartsOptions = {},
): Hearts {
  const motion = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)');
  const isStill = () => still ?? motion?.matches ?? false;
  const flow = new Flow(canvas, { imageOf: glyphs(more), isStill, floated, ...(most && { most }) });
  const resize = ({ width, height, ratio = 1, source }: Size) => {
    const lowerRight = { x: width * 0.88, y: height * 0.94 };
    const scale = Math.min(ratio, MOST_PIXEL_RATIO);
    flow.resize({ width, height, source: source ?? lowerRight }, scale);
  };
  let observer: ResizeObserver | undefined;
  if ('clientWidth' in canvas) {
    const measure = () => resize(sizeOf(canvas, from));
    observer = new ResizeObserver(measure);
    observer.observe(canvas);
    measure();
  }
  return {
    burst: (increases) => flow.burst(increases),
    own: (reaction = 'like', at) => flow.own(reaction, at),
    resize,
    close() {
      observer?.disconnect();
      flow.end();
    },
  };
}
