import { type DeferredFeed, DeferredFeeds } from '../../../dispatchers/leased/deferred-feeds';
import { VirtualClock } from '../../simulation/virtual-clock';

function deferring() {
  const clock = new VirtualClock();
  const calls: (readonly DeferredFeed[])[] = [];
  const failures: string[] = [];
  const trouble = { fails: 0 };
  const deferred = new DeferredFeeds({
    clock,
    async publish(feeds) {
      if (trouble.fails > 0) {
        trouble.fails -= 1;
        throw new Error('away');
      }
      calls.push(feeds);
    },
    failed: (doing) => failures.push(doing),
  });
  return { calls, clock, deferred, failures, trouble };
}

function feed(at: number) {
  return { channel: `video:${at}`, type: 'levels' };
}

describe('DeferredFeeds', () => {
  it('publish each feed once, own if workers of this datacenter have changed it', async () => {
    const { calls, clock, deferred } = deferring();
    deferred.add([feed(1), feed(2)], false);
    deferred.add([feed(1)], true);
    deferred.add([feed(1)], false);
    await clock.advance(1_000);
    expect(calls).toEqual([
      [
        { ...feed(1), isOwn: true },
        { ...feed(2), isOwn: false },
      ],
    ]);
    await clock.advance(10_000);
    expect(calls).toHaveLength(1);
  });

  it('publish nothing while they hold, and all in batches afterwards', async () => {
    const { calls, clock, deferred } = deferring();
    deferred.hold(3_000);
    expect(deferred.isHolding).toBe(true);
    deferred.add(
      Array.from({ length: 450 }, (_, at) => feed(at)),
      true,
    );
    await clock.advance(2_999);
    expect(calls).toEqual([]);
    await clock.advance(1);
    expect(deferred.isHolding).toBe(false);
    expect(calls.map(({ length }) => length)).toEqual([200, 200, 50]);
  });

  it('publish in four calls at the same time, so that a slow store delays few', async () => {
    const clock = new VirtualClock();
    const calls: number[] = [];
    let [running, most] = [0, 0];
    const deferred = new DeferredFeeds({
      clock,
      async publish(feeds) {
        calls.push(feeds.length);
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => void clock.after(100, resolve));
        running -= 1;
      },
      failed: (_, error) => expect(error).toBeUndefined(),
    });
    deferred.add(
      Array.from({ length: 10_000 }, (_, at) => feed(at)),
      true,
    );
    await clock.advance(1_000 + (10_000 / 200 / 4) * 100 + 100);
    expect([calls.length, most, running]).toEqual([50, 4, 0]);
    expect(calls.reduce((sum, each) => sum + each)).toBe(10_000);
  });

  it('publish again what has failed, not at once', async () => {
    const { calls, clock, deferred, failures, trouble } = deferring();
    trouble.fails = 1;
    deferred.add([feed(1)], true);
    await clock.advance(1_500);
    expect([failures, calls]).toEqual([['publish'], []]);
    await clock.advance(1_000);
    expect(calls).toEqual([[{ ...feed(1), isOwn: true }]]);
  });

  it('keep a bounded number of feeds, and none after the end', async () => {
    const { calls, clock, deferred } = deferring();
    deferred.add(
      Array.from({ length: 100_001 }, (_, at) => feed(at)),
      true,
    );
    await clock.advance(1_000);
    expect(calls.flat()).toHaveLength(100_000);
    deferred.add([feed(1)], true);
    deferred.close();
    await clock.advance(10_000);
    expect(calls.flat()).toHaveLength(100_000);
  });
});
