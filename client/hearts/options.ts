import type { Point } from './flight';
import type { Glyphs } from './glyphs';

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
  /**
   * By reaction: an emoji or an image; in a worker an `ImageBitmap`. Default: drawings of the
   * built-in reactions, which need no font, and hearts for all others.
   */
  readonly glyphs?: Glyphs;
  /** The most glyphs in the air at a time. Default: 160. */
  readonly most?: number;
  /** Glyphs fade in place, and are few. Default: as `prefers-reduced-motion` says. */
  readonly still?: boolean;
  /** The element, as a like button, that the likes of others rise from. */
  readonly from?: Element;
  /** Called with the number of glyphs of others that were shown so far. */
  readonly floated?: (count: number) => void;
  /**
   * A worker that has loaded this module, as `new Worker('/client/hearts.js', { type: 'module' })`.
   * Then it draws there, if the browser can, and takes no time of the page. It stays the caller's.
   */
  readonly worker?: Worker;
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
