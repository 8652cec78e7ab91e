/** A canvas of a worker that notes what is drawn, and the frames that were asked for. */
export class FakeScreen {
  /** The drawings of the newest frame: the image, its place and how strong it is. */
  drawn: { image: object; x: number; y: number; alpha: number }[] = [];
  /** How the images of glyphs were made, in order. */
  painted: ('text' | 'shape')[] = [];
  now = 1000;
  readonly canvas: OffscreenCanvas;
  private frames: ((now: number) => void)[] = [];

  constructor() {
    const screen = this;
    this.canvas = newCanvas({
      clearRect() {
        screen.drawn = [];
      },
      drawImage(image: object) {
        const { x, y, globalAlpha: alpha } = this;
        screen.drawn.push({ image, x, y, alpha });
      },
    });
    Object.assign(globalThis, {
      Path2D: class {},
      OffscreenCanvas: class {
        constructor() {
          // biome-ignore lint/correctness/noConstructorReturn: a canvas without a browser
          return newCanvas({
            fillText: () => screen.painted.push('text'),
            fill: () => screen.painted.push('shape'),
            stroke: () => screen.painted.push('shape'),
          });
        }
      },
      requestAnimationFrame: (frame: (now: number) => void) => this.frames.push(frame),
      cancelAnimationFrame: () => {
        this.frames = [];
      },
    });
    jest.spyOn(performance, 'now').mockImplementation(() => this.now);
  }

  get isAtRest(): boolean {
    return this.frames.length === 0;
  }

  /** Draws the frames of this time. */
  run(ms: number, frameMs = 16): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += frameMs;
      for (const frame of this.frames.splice(0)) frame(this.now);
    }
  }
}

interface FakeContext {
  x: number;
  y: number;
  globalAlpha: number;
}

function newCanvas(more: Record<string, (this: FakeContext, image: object) => unknown>) {
  const none = () => {};
  const context: object = {
    setTransform(this: FakeContext, ...[, , , , x, y]: number[]) {
      this.x = x ?? 0;
      this.y = y ?? 0;
    },
    clearRect: none,
    drawImage: none,
    fill: none,
    stroke: none,
    fillText: none,
    createLinearGradient: () => ({ addColorStop: none }),
    ...more,
  };
  return Object.assign(Object.create(null), { width: 0, height: 0, getContext: () => context });
}
