import type { contextOf } from './glyphs';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The field that glyphs fly over, in CSS pixels. */
export interface Field {
  readonly width: number;
  readonly height: number;
  /** Where the likes of others rise from. */
  readonly source: Point;
}

/** A glyph in the air; sizes in CSS pixels, times in ms. */
export interface Flight {
  readonly image: CanvasImageSource;
  /** The width of the field, which it does not leave at the sides. */
  readonly width: number;
  readonly x: number;
  readonly y: number;
  readonly drift: number;
  readonly rise: number;
  readonly size: number;
  readonly sway: number;
  readonly phase: number;
  readonly tilt: number;
  readonly strength: number;
  readonly isStill: boolean;
  readonly bornAt: number;
  readonly lifeMs: number;
}

const STILL_LIFE_MS = 1600;

/** The width that a glyph needs beside its centre: half of it, turned, while it pops up. */
const ROOM = 0.8;

const between = (low: number, high: number) => low + Math.random() * (high - low);

/** A new glyph: of others around the source, or the viewer's own `at` a point. */
export function launch(
  image: CanvasImageSource,
  { width, height, source }: Field,
  { isStill, now, at }: { isStill: boolean; now: number; at?: Point | undefined },
): Flight {
  /** A step aside; to the other side if it would leave the field. */
  const aside = (from: number, step: number) =>
    from + step < 0 || from + step > width ? -step : step;
  const depth = Math.random();
  const reach = Math.min(width * 0.3, 230);
  const spread = Math.min(width * 0.24, 130);
  const x = at?.x ?? source.x + aside(source.x, between(-0.75, 0.16) * spread);
  return {
    image,
    width,
    x,
    y: at?.y ?? source.y - between(14, 44),
    drift: aside(x, (at ? between(-0.5, 0.1) : between(-1, 0.12)) * reach),
    rise: height * (isStill ? 0.1 : between(0.55, 0.92)),
    size: at ? between(40, 48) : 18 + depth * 24,
    sway: between(6, 22),
    phase: between(0, 7),
    tilt: between(-0.35, 0.35),
    strength: at ? 1 : 0.62 + depth * 0.38,
    isStill,
    bornAt: now,
    lifeMs: isStill ? STILL_LIFE_MS : between(2500, 3700) - depth * 400,
  };
}

/** A place of the centre at which no side of the field cuts the glyph off. */
function inside(x: number, { size, width }: Flight): number {
  const room = Math.min(size * ROOM, width / 2);
  return Math.min(Math.max(x, room), width - room);
}

/** Draws a glyph where it is now; `scale`: the device pixels of a CSS pixel. */
export function draw(
  context: ReturnType<typeof contextOf>,
  flight: Flight,
  now: number,
  scale: number,
): void {
  const { drift, image, isStill, phase, rise, strength, sway, tilt } = flight;
  // A glyph may be made after the time that its first frame says.
  const age = Math.max(0, (now - flight.bornAt) / flight.lifeMs);
  const far = isStill ? 1 : 1 - (1 - age) ** 1.7;
  const pop = Math.min(1, age * 9);
  const size = flight.size * scale * (isStill ? 1 : pop + Math.sin(pop * Math.PI) * 0.28);
  const swing = isStill ? 0 : Math.sin(age * 8 + phase) * sway * Math.min(1, age * 3);
  const turn = tilt + swing * 0.012;
  const cos = Math.cos(turn) * size;
  const sin = Math.sin(turn) * size;
  const x = inside(flight.x + drift * far ** 1.3 + swing, flight) * scale;
  const y = (flight.y - rise * far) * scale;
  context.globalAlpha = strength * Math.min(1, (1 - age) * 2.6, isStill ? age * 8 : 1);
  context.setTransform(cos, sin, -sin, cos, x, y);
  context.drawImage(image, -0.5, -0.5, 1, 1);
}
