const MOST_AFLOAT = 110;
const MOST_WAITING = 60;
const MOST_A_BURST = 24;
const SPREAD_MS = 600;
const STALE_MS = 1500;

const between = (low, high) => low + Math.random() * (high - low);

/** The glyphs to show of a burst: all, or each reaction's share, at least one of each. */
function shares(increases) {
  const all = Object.values(increases).reduce((sum, n) => sum + n, 0);
  const part = Math.min(1, MOST_A_BURST / all);
  return Object.entries(increases).flatMap(([reaction, n]) =>
    Array(Math.max(1, Math.round(n * part))).fill(reaction),
  );
}

/** Glyphs that rise over the video; a bounded number at a time, however many likes come. */
class Hearts {
  #afloat = [];
  #waiting = [];
  #floated = 0;
  #reported = 0;
  #running = false;
  #scale = 1;
  #width = 0;
  #height = 0;
  #source = { x: 0, y: 0 };

  #glyphs = new Map();

  constructor(canvas, { still, floated }) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d');
    this.still = still;
    this.floated = floated;
  }

  /** @param {Map<string, CanvasImageSource>} glyphs by reaction; without any, none is shown */
  setGlyphs(glyphs) {
    this.#glyphs = glyphs;
  }

  /**
   * @param {{width: number, height: number, ratio: number, source: {x: number, y: number}}} size
   *   CSS pixels; `source`: where others' glyphs rise from
   */
  resize({ width, height, ratio, source }) {
    this.#scale = Math.min(ratio, 2);
    this.#width = width;
    this.#height = height;
    this.canvas.width = width * this.#scale;
    this.canvas.height = height * this.#scale;
    this.#source = source;
  }

  /** @param {Record<string, number>} increases others' likes, by reaction */
  burst(increases) {
    if (this.#glyphs.size === 0) return;
    const now = performance.now();
    const list = shares(increases);
    const spread = Math.min(SPREAD_MS, (list.length - 1) * 60);
    for (const reaction of list) {
      if (this.#waiting.length >= MOST_WAITING) break;
      this.#waiting.push({ reaction, due: now + Math.random() * spread });
    }
    if (list.length > 0) this.#wake();
  }

  /**
   * Shows the viewer's own tap at once, even if the others' glyphs are at their limit.
   * @param {string} reaction
   * @param {{x: number, y: number}} at where it rises from
   */
  own(reaction, at) {
    if (this.#glyphs.size === 0) return;
    if (this.#afloat.length >= MOST_AFLOAT) this.#afloat.shift();
    this.#spawn(reaction, at, performance.now());
    this.#wake();
  }

  #spawn(reaction, at, now) {
    const depth = Math.random();
    const reach = Math.min(this.#width * 0.3, 230);
    const { x, y } = this.#source;
    this.#afloat.push({
      bitmap: this.#glyphs.get(reaction) ?? this.#glyphs.get('like'),
      x: at?.x ?? x + between(-0.75, 0.16) * Math.min(this.#width * 0.24, 130),
      y: at?.y ?? y - between(14, 44),
      drift: at ? between(-0.5, 0.1) * reach : between(-1, 0.12) * reach,
      rise: this.#height * between(0.55, 0.92),
      size: at ? between(40, 48) : 18 + depth * 24,
      sway: between(6, 22),
      phase: between(0, 7),
      tilt: between(-0.35, 0.35),
      born: now,
      life: this.still ? 1600 : between(2500, 3700) - depth * 400,
      strength: at ? 1 : 0.62 + depth * 0.38,
    });
    if (!at) this.#floated += 1;
  }

  #draw(glyph, now) {
    const { context, still } = this;
    const scale = this.#scale;
    const age = (now - glyph.born) / glyph.life;
    const far = still ? 0.12 : 1 - (1 - age) ** 1.7;
    const pop = Math.min(1, age * 9);
    const size = glyph.size * scale * (pop + Math.sin(pop * Math.PI) * 0.28);
    const swing = still ? 0 : Math.sin(age * 8 + glyph.phase) * glyph.sway * Math.min(1, age * 3);
    const turn = glyph.tilt + swing * 0.012;
    const cos = Math.cos(turn) * size;
    const sin = Math.sin(turn) * size;
    const x = (glyph.x + glyph.drift * far ** 1.3 + swing) * scale;
    const y = (glyph.y - glyph.rise * far) * scale;
    context.globalAlpha = glyph.strength * Math.min(1, (1 - age) * 2.6);
    context.setTransform(cos, sin, -sin, cos, x, y);
    context.drawImage(glyph.bitmap, -0.5, -0.5, 1, 1);
  }

  /** Refuses more glyphs the more are shown; a hard limit would let them through in waves. */
  #hasRoom() {
    return Math.random() < 1.6 * (1 - this.#afloat.length / MOST_AFLOAT);
  }

  #launch(now) {
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      const { reaction, due } = this.#waiting[i];
      if (due > now) continue;
      this.#waiting.splice(i, 1);
      // After a time in a hidden tab, likes from long ago are not shown.
      const isFresh = now - due < STALE_MS;
      if (isFresh && this.#hasRoom()) this.#spawn(reaction, undefined, now);
    }
  }

  #frame(now) {
    const { canvas, context } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    this.#launch(now);
    this.#afloat = this.#afloat.filter(({ born, life }) => now - born < life);
    for (const glyph of this.#afloat) this.#draw(glyph, now);
    this.#report();
    this.#running = this.#afloat.length + this.#waiting.length > 0;
    if (this.#running) requestAnimationFrame((next) => this.#frame(next));
  }

  #report() {
    if (this.#reported === this.#floated) return;
    this.#reported = this.#floated;
    this.floated(this.#floated);
  }

  #wake() {
    if (this.#running) return;
    this.#running = true;
    requestAnimationFrame((now) => this.#frame(now));
  }
}

/**
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {{still: boolean, floated: (count: number) => void}} options `still`: fade in place, don't
 *   travel; `floated` is called with the number of others' glyphs so far
 */
export function createHearts(canvas, options) {
  return new Hearts(canvas, options);
}
