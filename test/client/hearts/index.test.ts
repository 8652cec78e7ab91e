import { type Hearts, type HeartsOptions, hearts } from '../../../client/hearts';
import { DEFAULT_REACTIONS } from '../../../schemas/likes';
import { FakeScreen } from './fake-canvas';

const SIZE = { width: 800, height: 450 };

let screen: FakeScreen;
beforeEach(() => {
  screen = new FakeScreen();
});
afterEach(() => jest.restoreAllMocks());

function start(options: HeartsOptions = {}): { shown: Hearts; floated: () => number } {
  let sum = 0;
  const floated = (count: number) => {
    sum = count;
  };
  const shown = hearts(screen.canvas, { still: false, floated, ...options });
  shown.resize(SIZE);
  return { shown, floated: () => sum };
}

/** Likes of others for some seconds, in 20 events a second. */
function like(shown: Hearts, perSecond: number, seconds: number): number[] {
  const counts: number[] = [];
  for (let at = 0; at < seconds * 20; at++) {
    shown.burst({ like: perSecond / 20 });
    screen.run(50, 10);
    counts.push(screen.drawn.length);
  }
  return counts;
}

describe('likes of others', () => {
  it('shows each of a few', () => {
    const { floated, shown } = start();
    shown.burst({ like: 3, love: 2 });
    screen.run(1000);
    expect(floated()).toBe(5);
    expect(screen.drawn).toHaveLength(5);
  });

  it('shows thousands a second as a dense and bounded flow', () => {
    const { shown } = start();
    const counts = like(shown, 5000, 12);
    expect(Math.max(...counts)).toBeLessThanOrEqual(160);
    expect(Math.min(...counts.slice(100))).toBeGreaterThan(80);
  });

  it('shows at least one of each reaction of a large burst', () => {
    const { shown } = start();
    shown.burst({ like: 100_000, love: 1, funny: 2 });
    screen.run(1000);
    expect(new Set(screen.drawn.map(({ image }) => image)).size).toBe(3);
  });

  it('shows fewer while frames are late, and more afterwards', () => {
    const { shown } = start();
    for (let at = 0; at < 100; at++) {
      shown.burst({ like: 250 });
      screen.run(100, 100);
    }
    const late = screen.drawn.length;
    expect(late).toBeLessThanOrEqual(40);
    expect(like(shown, 5000, 12).at(-1)).toBeGreaterThan(2 * late);
  });

  it('leaves out those of a time in a hidden tab', () => {
    const { floated, shown } = start();
    shown.burst({ like: 500 });
    screen.now += 60_000;
    screen.run(100);
    expect(floated()).toBe(0);
    expect(screen.isAtRest).toBe(true);
  });

  it.each([
    ['left', 12],
    ['right', SIZE.width - 12],
  ])('keeps each inside the canvas, if they rise from its %s edge', (_, x) => {
    const { floated, shown } = start();
    shown.resize({ ...SIZE, source: { x, y: 400 } });
    const places: number[] = [];
    for (let at = 0; at < 100; at++) {
      shown.burst({ like: 5 });
      screen.run(64);
      places.push(...screen.drawn.map((each) => each.x));
    }
    expect(floated()).toBeGreaterThan(50);
    expect(Math.min(...places)).toBeGreaterThan(9);
    expect(Math.max(...places)).toBeLessThan(SIZE.width - 9);
    // They fly apart, and do not climb along the edge.
    expect(Math.max(...places) - Math.min(...places)).toBeGreaterThan(100);
  });

  it('draws none of no likes', () => {
    const { shown } = start();
    shown.burst({});
    shown.burst({ like: 0 });
    expect(screen.isAtRest).toBe(true);
  });
});

describe('an own like', () => {
  it('is drawn in the next frame, where the viewer tapped', () => {
    const { floated, shown } = start();
    shown.own('love', { x: 100, y: 200 });
    screen.run(32);
    expect(screen.drawn).toHaveLength(1);
    expect(screen.drawn[0]?.x).toBeCloseTo(100, -2);
    expect(floated()).toBe(0);
  });

  it('is drawn also at the limit', () => {
    const { shown } = start({ most: 20 });
    like(shown, 5000, 4);
    for (let at = 0; at < 30; at++) shown.own();
    screen.run(16);
    expect(screen.drawn).toHaveLength(20);
  });
});

describe('hearts', () => {
  it('ask for no frames at rest', () => {
    const { shown } = start();
    expect(screen.isAtRest).toBe(true);
    shown.burst({ like: 50 });
    screen.run(6000);
    expect(screen.drawn).toEqual([]);
    expect(screen.isAtRest).toBe(true);
  });

  it('are few and stay in place without motion', () => {
    const { shown } = start({ still: true });
    shown.own('like', { x: 300, y: 300 });
    screen.run(16);
    const [first] = screen.drawn;
    screen.run(800);
    expect(screen.drawn[0]?.x).toBe(first?.x);
    expect(screen.drawn[0]?.y).toBe(first?.y);
    expect(Math.max(...like(shown, 5000, 3))).toBeLessThanOrEqual(12);
  });

  it('have at most two pixels of the canvas for each of the page', () => {
    const { shown } = start();
    shown.resize({ ...SIZE, ratio: 3 });
    expect([screen.canvas.width, screen.canvas.height]).toEqual([1600, 900]);
  });

  it('draw an image of the page, and a heart until it is loaded', () => {
    const image = Object.assign(Object.create(null), { naturalWidth: 0 });
    const { shown } = start({ glyphs: { like: image } });
    for (const width of [0, 0, 10, 10]) {
      image.naturalWidth = width;
      shown.own();
    }
    screen.run(32);
    const [first, second, third, fourth] = screen.drawn.map((each) => each.image);
    expect(first).not.toBe(second);
    expect(third).not.toBe(second);
    expect(fourth).toBe(third);
  });

  it('draw each built-in reaction by itself, without a font', () => {
    const { shown } = start();
    for (const reaction of DEFAULT_REACTIONS) {
      screen.painted = [];
      shown.own(reaction);
      expect(new Set(screen.painted)).toEqual(new Set(['shape']));
    }
    screen.painted = [];
    shown.own('unheard-of');
    expect(screen.painted).toEqual(['shape']);
  });

  it('draw the texts that they are given', () => {
    const { shown } = start({ glyphs: { funny: '😂' } });
    shown.own('funny');
    expect(screen.painted).toEqual(['text']);
  });

  it('stop when they are closed', () => {
    const { shown } = start();
    shown.burst({ like: 50 });
    screen.run(500);
    shown.close();
    expect(screen.isAtRest).toBe(true);
    expect(screen.drawn).toEqual([]);
  });
});
