import { CacheRefill } from '../../../dispatchers/delivery/cache-refill';
import type { Feeds } from '../../../schemas/state';
import { range } from '../../end-to-end/api';
import { VirtualClock } from '../../simulation/virtual-clock';
import { counted } from '../parts';

function ground(count: number, others: readonly (readonly [string, Feeds])[] = []) {
  const clock = new VirtualClock();
  const batches: (readonly string[])[] = [];
  const put = new Map<string, Feeds>();
  const failures: string[] = [];
  const trouble = { isUnavailable: false };
  const states = range(count).map((at): readonly [string, Feeds] => [
    `video:${at}`,
    { likes: { 'dc1.1': counted(at, {}) } },
  ]);
  const refill = new CacheRefill({
    clock,
    cache: {
      async put(of) {
        if (trouble.isUnavailable) throw new Error('unavailable');
        batches.push([...of.keys()]);
        for (const [channel, feeds] of of) put.set(channel, feeds);
      },
    },
    held: () => [...states, ...others].values(),
    failed: (doing) => failures.push(doing),
  });
  return { batches, clock, failures, names: states.map(([name]) => name), put, refill, trouble };
}

describe('CacheRefill', () => {
  it('puts each held state once, in bounded batches with time between them', async () => {
    const { batches, clock, names, refill } = ground(1_700);
    refill.begin();
    await clock.advance(0);
    expect(batches.length).toBe(1);
    await clock.advance(1_000);
    expect(batches.flat()).toEqual(names);
    expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(500);
    await clock.advance(60_000);
    expect(batches.length).toBe(4);
  });

  it('repeats a failed batch until it is put, and loses none', async () => {
    const { batches, clock, failures, names, refill, trouble } = ground(1_200);
    refill.begin();
    await clock.advance(0);
    trouble.isUnavailable = true;
    await clock.advance(5_000);
    expect(failures.length).toBeGreaterThan(5);
    trouble.isUnavailable = false;
    await clock.advance(5_000);
    expect(batches.flat()).toEqual(names);
  });

  it('begins again with the first state, in the middle and at the end', async () => {
    const { batches, clock, names, refill } = ground(1_200);
    refill.begin();
    await clock.advance(0);
    refill.begin();
    await clock.advance(5_000);
    expect(batches.flat()).toEqual([...names.slice(0, 500), ...names]);
    refill.begin();
    await clock.advance(5_000);
    expect(batches.flat().slice(500 + names.length)).toEqual(names);
  });

  it('puts all feeds of a channel that comes once for each of them', async () => {
    const votes = { votes: { 'dc1.1': counted(7, {}) } };
    const { clock, put, refill } = ground(2, [['video:1', votes]]);
    refill.begin();
    await clock.advance(0);
    expect(put.get('video:1')).toEqual({ likes: { 'dc1.1': counted(1, {}) }, ...votes });
  });

  it('puts nothing after it was closed', async () => {
    const { batches, clock, refill } = ground(1_200);
    refill.begin();
    await clock.advance(0);
    refill.close();
    refill.begin();
    await clock.advance(60_000);
    expect(batches.length).toBe(1);
  });
});
