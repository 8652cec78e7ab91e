/** What is shown for a reaction: an emoji (or any short text), or an image. */
export type Glyph = string | CanvasImageSource;
export type Glyphs = Readonly<Record<string, Glyph>>;

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

const SIDE_PX = 96;
const HEART = 'M48 87C20 67 6 50 6 32 6 5 38 1 48 20 58 1 90 5 90 32 90 50 76 67 48 87z';

/** The lighter and the darker color of hearts. */
const ROSE: readonly [string, string] = ['#ff8fae', '#e3124f'];
const VIOLET: readonly [string, string] = ['#c9a4ff', '#7a2bf0'];

/**
 * The other reactions in strokes, which need no font: the width in two digits, the color, the path.
 * A closed path is filled, too.
 */
const STROKES: Readonly<Record<string, string>> = {
  celebrate:
    '04#f92M10 86L34 32 64 62z;07#f58M23 60l14 14M54 42q10-8 12-24;07#5cfM46 34q-8-12 2-24;' +
    '07#b8fM62 52q10-8 24-2;10#6d9M24 16h.1M84 26h.1M80 78h.1',
  support: '24#fb5M48 34h.1;16#fb5M18 20q2 36 30 36 28 0 30-36M48 62v20;07#f58M34 8l2 4M62 8l-2 4',
  insightful:
    '56#fd4M48 36h.1;28#fd4M48 48v16;05#e81M36 38l12 8 12-8M48 46v22;12#89bM40 76h16M46 86h4',
  funny:
    '84#fc3M48 48h.1;07#721M22 40l9-8 9 8M56 40l9-8 9 8;04#721M24 52h48a24 25 0 0 1-48 0z;' +
    '14#4cfM13 50l-3 8M83 50l3 8',
};

/** The bitmaps by reaction. Each is drawn once, because a text or an SVG costs much a frame. */
export function glyphs(more: Glyphs = {}): (reaction: string) => CanvasImageSource {
  const bitmaps = new Map<string, CanvasImageSource>();
  return (reaction) => {
    const known = bitmaps.get(reaction);
    if (known !== undefined) return known;
    const glyph = more[reaction];
    const bitmap = paint(reaction, glyph);
    // Until an image is loaded, a heart is shown for it.
    if (isReady(glyph)) bitmaps.set(reaction, bitmap);
    return bitmap;
  };
}

function isReady(glyph: Glyph | undefined): boolean {
  const isImage = typeof glyph === 'object' && 'naturalWidth' in glyph;
  return !isImage || glyph.naturalWidth > 0;
}

function paint(reaction: string, glyph: Glyph | undefined) {
  const { canvas, context } = blank();
  if (typeof glyph === 'string') {
    context.font = `${SIDE_PX * 0.76}px sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(glyph, SIDE_PX / 2, SIDE_PX * 0.54);
  } else if (glyph !== undefined && isReady(glyph)) {
    context.drawImage(glyph, 0, 0, SIDE_PX, SIDE_PX);
  } else if (glyph === undefined && STROKES[reaction]) stroke(context, STROKES[reaction]);
  else fillHeart(context, reaction === 'love' ? VIOLET : ROSE);
  return canvas;
}

function fillHeart(context: Context, [light, dark]: readonly [string, string]): void {
  const fill = context.createLinearGradient(20, 0, 70, SIDE_PX);
  fill.addColorStop(0, light);
  fill.addColorStop(1, dark);
  context.fillStyle = fill;
  context.fill(new Path2D(HEART));
}

function stroke(context: Context, strokes: string): void {
  context.lineCap = context.lineJoin = 'round';
  for (const each of strokes.split(';')) {
    const path = new Path2D(each.slice(6));
    context.lineWidth = Number(each.slice(0, 2));
    context.strokeStyle = context.fillStyle = each.slice(2, 6);
    context.stroke(path);
    if (each.endsWith('z')) context.fill(path);
  }
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
export function contextOf(canvas: HTMLCanvasElement | OffscreenCanvas): Context {
  const context = 'clientWidth' in canvas ? canvas.getContext('2d') : canvas.getContext('2d');
  if (context === null) throw new Error('hearts need a canvas with a 2d context');
  return context;
}
