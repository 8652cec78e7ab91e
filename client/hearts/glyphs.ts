/** What is shown for a reaction: an emoji (or any short text), or an image. */
export type Glyph = string | CanvasImageSource;
export type Glyphs = Readonly<Record<string, Glyph>>;

const SIDE_PX = 96;
const HEART =
  'M48 87C19.5 66.8 6 50.3 6 32.3 6 18.8 16.2 9 28.5 9c8.1 0 15.3 4.2 19.5 11.4' +
  'C52.2 13.2 59.4 9 67.5 9 79.8 9 90 18.8 90 32.3 90 50.3 76.5 66.8 48 87z';

/** The lighter and the darker color of hearts. */
const ROSE: readonly [string, string] = ['#ff8fae', '#e3124f'];
const VIOLET: readonly [string, string] = ['#c9a4ff', '#7a2bf0'];

const EMOJI: Glyphs = { celebrate: '🎉', support: '🙌', insightful: '💡', funny: '😂' };

/** The bitmaps by reaction. Each is drawn once, because a text or an SVG costs much a frame. */
export function glyphs(more: Glyphs = {}): (reaction: string) => CanvasImageSource {
  const bitmaps = new Map<string, CanvasImageSource>();
  return (reaction) => {
    const known = bitmaps.get(reaction);
    if (known !== undefined) return known;
    const glyph = more[reaction] ?? EMOJI[reaction];
    const bitmap = paint(glyph, reaction === 'love' ? VIOLET : ROSE);
    // Until an image is loaded, a heart is shown for it.
    if (isReady(glyph)) bitmaps.set(reaction, bitmap);
    return bitmap;
  };
}

function isReady(glyph: Glyph | undefined): boolean {
  const isImage = typeof glyph === 'object' && 'naturalWidth' in glyph;
  return !isImage || glyph.naturalWidth > 0;
}

function paint(glyph: Glyph | undefined, [light, dark]: readonly [string, string]) {
  const { canvas, context } = blank();
  if (typeof glyph === 'string') {
    context.font = `${SIDE_PX * 0.76}px sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(glyph, SIDE_PX / 2, SIDE_PX * 0.54);
  } else if (glyph !== undefined && isReady(glyph)) {
    context.drawImage(glyph, 0, 0, SIDE_PX, SIDE_PX);
  } else {
    const fill = context.createLinearGradient(20, 0, 70, SIDE_PX);
    fill.addColorStop(0, light);
    fill.addColorStop(1, dark);
    context.fillStyle = fill;
    context.fill(new Path2D(HEART));
  }
  return canvas;
}

function blank() {
  if ('OffscreenCanvas' in globalThis) {
    const canvas = new OffscreenCanvas(SIDE_PX, SIDE_PX);
    return { canvas, context: contextOf(canvas) };
  }
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE_PX;
  return { canvas, context: contextOf(canvas) };
}

/** The context of a canvas of the page or of a worker. */
export function contextOf(
  canvas: HTMLCanvasElement | OffscreenCanvas,
): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D {
  const context = 'clientWidth' in canvas ? canvas.getContext('2d') : canvas.getContext('2d');
  if (context === null) throw new Error('hearts need a canvas with a 2d context');
  return context;
}
