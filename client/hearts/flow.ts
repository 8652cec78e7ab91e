import { draw, type Field, type Flight, launch, type Point } from './flight';
import { contextOf } from './glyphs';

/** The most glyphs in the air at a time, and the most that wait for their turn. */
const MOST_AFLOAT = 160;
const MOST_AFLOAT_STILL = 12;
const MOST_WAITING = 80;
const MOST_A_BURST = 40;

/** On a machine that needs long for a frame, fewer are shown, but these. */
const LEAST_AFLOAT = 24;
const LATE_FRAME_MS = 40;

/** The likes of one event are spread over this time. */
const SPREAD_MS = 600;
const SPREAD_EACH_MS = 60;

/** After a time in a hidden tab, likes from long ago are not shown. */
const STALE_MS = 1500;

export interface FlowOptions {
  readonly most?: number;
  readonly still: boolean;
  readonly imageOf: (reaction: string) => CanvasImageSource;
  readonly floated: (count: number) => void;
}

interface Waiting {
  readonly reaction: string;
  readonly due: number;
}

/** The glyphs to show of a burst: all, or each reaction's share, at least one of each. */
function shares(increases: Readonly<Record<string, number>>): string[] {
  const counts = Object.entries(increases).filter(([, count]) => count > 0);
  const all = counts.reduce((sum, [, count]) => sum + count, 0);
  const part = Math.min(1, MOST_A_BURST / all);
  return counts.flatMap(([reaction, count]) =>
    Array<string>(Math.max(1, Math.round(count * part))).fill(reaction),
  );
}

/** The glyphs on a canvas. It asks for frames only while some are in the air, or wait. */
export class Flow {
  readonly #context: ReturnType<typeof contextOf>;
  #field: Field = { width: 0, height: 0, source: { x: 0, y: 0 } };
  #scale = 1;
  #flights: Flight[] = [];
  #waiting: Waiting[] = [];
  #floated = 0;
  #limit: number;
  #request = 0;
  #frameAt = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement | OffscreenCanvas,
    private readonly options: FlowOptions,
  ) {
    this.#context = contextOf(canvas);
    this.#limit = this.#most;
  }

  /** @param scale the canvas's pixels of a CSS pixel */
  resize(field: Field, scale: number): void {
    this.#field = field;
    this.#scale = scale;
    this.canvas.width = field.width * scale;
    this.canvas.height = field.height * scale;
  }

  burst(increases: Readonly<Record<string, number>>): void {
    const now = performance.now();
    const shown = shares(increases);
    const spread = Math.min(SPREAD_MS, (shown.length - 1) * SPREAD_EACH_MS);
    for (const reaction of shown.slice(0, MOST_WAITING - this.#waiting.length)) {
      this.#waiting.push({ reaction, due: now + Math.random() * spread });
    }
    if (shown.length > 0) this.#wake();
  }

  own(reaction: string, at = this.#field.source): void {
    if (this.#flights.length >= this.#most) this.#flights.shift();
    this.#spawn(reaction, performance.now(), at);
    this.#wake();
  }

  end(): void {
    cancelAnimationFrame(this.#request);
    this.#flights = [];
    this.#waiting = [];
    this.#request = 0;
    this.#clear();
  }

  get #most(): number {
    const { most = MOST_AFLOAT, still } = this.options;
    return still ? Math.min(most, MOST_AFLOAT_STILL) : most;
  }

  #spawn(reaction: string, now: number, at?: Point): void {
    const { imageOf, still } = this.options;
    this.#flights.push(launch(imageOf(reaction), this.#field, { isStill: still, now, at }));
  }

  #wake(): void {
    this.#request ||= requestAnimationFrame((now) => this.#frame(now));
  }

  #frame(now: number): void {
    this.#adapt(now);
    this.#clear();
    this.#flights = this.#flights.filter(({ bornAt, lifeMs }) => now - bornAt < lifeMs);
    this.#launchDue(now);
    for (const flight of this.#flights) draw(this.#context, flight, now, this.#scale);
    this.#request = 0;
    if (this.#flights.length + this.#waiting.length > 0) this.#wake();
    else this.#frameAt = 0;
  }

  /** Shows fewer glyphs while frames are late, and more again afterwards. */
  #adapt(now: number): void {
    const isLate = this.#frameAt > 0 && now - this.#frameAt > LATE_FRAME_MS;
    const limit = isLate ? Math.max(LEAST_AFLOAT, this.#limit * 0.9) : this.#limit + 0.5;
    this.#limit = Math.min(this.#most, limit);
    // Pixels cost more than glyphs where the processor draws them.
    if (isLate && this.#limit <= LEAST_AFLOAT && this.#scale > 1) this.resize(this.#field, 1);
    this.#frameAt = now;
  }

  #launchDue(now: number): void {
    const before = this.#floated;
    const later: Waiting[] = [];
    for (const each of this.#waiting) {
      if (each.due > now) later.push(each);
      else if (now - each.due < STALE_MS && this.#hasRoom()) {
        this.#spawn(each.reaction, now);
        this.#floated += 1;
      }
    }
    this.#waiting = later;
    if (this.#floated > before) this.options.floated(this.#floated);
  }

  /** Refuses more glyphs the more are shown; a hard limit would let them through in waves. */
  #hasRoom(): boolean {
    const share = this.#flights.length / this.#limit;
    return share < 1 && Math.random() < 1.6 * (1 - share);
  }

  #clear(): void {
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }
}
