import { MAX_WINDOW_MS } from '../../../frontends/channels/flusher';
import { flushing, SHARE } from './flushing';

describe('Flusher', () => {
  it('flushes a channel that was idle at once', async () => {
    const { begun, clock, flusher, room } = flushing();
    flusher.changed(room('small', 1));
    await clock.advance(0);
    expect(begun).toEqual([{ room: 'small', at: 0 }]);
  });

  it('flushes a channel at most once in the least window, and at once after a pause', async () => {
    const { begun, clock, flusher, room } = flushing(30);
    const small = room('small', 1);
    for (let at = 0; at < 100; at += 5) {
      flusher.changed(small);
      await clock.advance(5);
    }
    await clock.advance(100);
    flusher.changed(small);
    await clock.advance(0);
    expect(begun.map(({ at }) => at)).toEqual([0, 30, 60, 90, 120, 200]);
  });

  it('flushes again no sooner than a window that follows what the last flush cost', async () => {
    const { begun, clock, flusher, room } = flushing();
    const small = room('small', 3);
    flusher.changed(small);
    await clock.advance(0);
    flusher.changed(small);
    await clock.advance(60);
    const window = 3 / SHARE;
    expect(begun[1]?.at).toBeCloseTo(window);
    small.cost = 20;
    await clock.advance(40);
    flusher.changed(small);
    await clock.advance(0);
    flusher.changed(small);
    await clock.advance(200);
    expect(begun[2]?.at).toBe(100);
    expect(begun[3]?.at).toBeCloseTo(100 + 20 / SHARE);
    expect(begun).toHaveLength(4);
  });

  it('merges all changes within a window into one flush', async () => {
    const { begun, clock, flusher, room } = flushing();
    const small = room('small', 10);
    for (let changes = 0; changes < 100; changes++) {
      flusher.changed(small);
      await clock.advance(1);
    }
    await clock.advance(100);
    expect(begun.length).toBeLessThanOrEqual(1 + 100 / (10 / SHARE) + 1);
    expect(begun.length).toBeGreaterThan(3);
  });

  it('flushes a channel that changed during its flush once more', async () => {
    const { begun, clock, flusher, room } = flushing();
    const huge = room('huge', 40);
    flusher.changed(huge);
    clock.after(0, () => flusher.changed(huge));
    await clock.advance(0);
    expect(begun).toHaveLength(1);
    await clock.advance(1_000);
    expect(begun).toHaveLength(2);
    await clock.advance(10_000);
    expect(begun).toHaveLength(2);
  });

  it('lets no channel wait longer than the longest window', async () => {
    const { begun, clock, flusher, room } = flushing();
    const huge = room('huge', 100_000);
    flusher.changed(huge);
    await clock.advance(0);
    huge.cost = 1;
    flusher.changed(huge);
    await clock.advance(MAX_WINDOW_MS);
    expect(begun.map(({ at }) => at)).toEqual([0, MAX_WINDOW_MS]);
  });
});

describe('while viewers connect', () => {
  it('turns are short, and long again soon after', async () => {
    const { clock, flusher, room, work } = flushing();
    const turn = async (): Promise<number> => {
      flusher.changed(room('any', 1));
      await clock.advance(0);
      return work.at(-1)?.ms ?? 0;
    };
    const before = await turn();
    flusher.yieldToConnections();
    expect(await turn()).toBeLessThan(before / 10);
    await clock.advance(100);
    expect(await turn()).toBe(before);
  });
});

describe('many channels', () => {
  it('start in turn, each channel once', async () => {
    const { begun, clock, flusher, room } = flushing();
    const [first, second] = [room('first', 100), room('second', 1)];
    flusher.changed(first);
    flusher.changed(second);
    flusher.changed(second);
    expect(begun).toEqual([]);
    await clock.advance(0);
    expect(begun.map((flush) => flush.room)).toEqual(['first', 'second']);
  });

  it('take no more than the share of a core between them', async () => {
    const { clock, flusher, room, work } = flushing();
    const rooms = Array.from({ length: 20 }, (_, at) => room(`room-${at}`, 3));
    for (let ms = 0; ms < 2_000; ms++) {
      for (const one of rooms) flusher.changed(one);
      await clock.advance(1);
    }
    const late = work.filter(({ at, done }) => done && at >= 1_000).length * 3;
    expect(late).toBeLessThanOrEqual(1_000 * SHARE * 1.1);
    expect(late).toBeGreaterThan(1_000 * SHARE * 0.8);
  });

  it('are flushed if they are small while a large one waits for its window', async () => {
    const { begun, clock, flusher, room } = flushing();
    const [huge, small] = [room('huge', 200), room('small', 0.1)];
    for (let ms = 0; ms < 150; ms += 5) {
      flusher.changed(huge);
      flusher.changed(small);
      await clock.advance(5);
    }
    expect(begun.filter((flush) => flush.room === 'huge')).toHaveLength(1);
    expect(begun.filter((flush) => flush.room === 'small')).toHaveLength(30);
  });
});

describe('a large flush', () => {
  it('flushes a large channel in slices, and small ones in between', async () => {
    const { clock, flusher, room, work } = flushing();
    flusher.changed(room('huge', 100));
    for (const name of ['a', 'b', 'c']) flusher.changed(room(name, 1));
    await clock.advance(0);
    const order = work.map((slice) => slice.room);
    expect(order.filter((name) => name === 'huge').length).toBeGreaterThan(10);
    for (const name of ['a', 'b', 'c']) {
      const before = order.slice(0, order.indexOf(name));
      expect(before.filter((other) => other === 'huge').length).toBeLessThanOrEqual(3);
    }
    expect(work.at(-1)).toMatchObject({ room: 'huge', done: true });
  });

  it('lets small flushes that start in the middle of large ones end first', async () => {
    const { clock, flusher, room, work } = flushing();
    for (const name of ['huge', 'vast']) flusher.changed(room(name, 100));
    clock.after(0, () => clock.after(0, () => flusher.changed(room('small', 1))));
    await clock.advance(0);
    const order = work.map((slice) => slice.room);
    const before = work.slice(0, order.indexOf('small'));
    expect(before.length).toBeGreaterThan(1);
    expect(before.length).toBeLessThanOrEqual(8);
  });

  it('lets the event loop do other work within a large flush', async () => {
    const { clock, flusher, room, work } = flushing();
    const slices: number[] = [];
    const tick = (left: number): void => {
      slices.push(work.length);
      if (left > 0) clock.after(0, () => tick(left - 1));
    };
    flusher.changed(room('huge', 100));
    tick(8);
    await clock.advance(0);
    expect(new Set(slices).size).toBeGreaterThan(4);
  });

  it('ends when its channel is not held any more', async () => {
    const { begun, clock, flusher, room, work } = flushing();
    const [running, due] = [room('running', 100), room('due', 1)];
    flusher.changed(due);
    await clock.advance(0);
    flusher.changed(due);
    flusher.changed(running);
    flusher.changed(running);
    flusher.remove(running);
    flusher.remove(due);
    await clock.advance(10_000);
    expect(begun.map((flush) => flush.room)).toEqual(['due']);
    expect(work.map((slice) => slice.room)).toEqual(['due']);
  });

  it('does nothing after `close`', async () => {
    const { clock, flusher, room, work } = flushing();
    const due = room('due', 1);
    flusher.changed(due);
    await clock.advance(0);
    flusher.changed(due);
    flusher.changed(room('running', 100));
    flusher.close();
    await clock.advance(10_000);
    expect(work.map((slice) => slice.room)).toEqual(['due']);
  });
});
