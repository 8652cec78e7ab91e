import { FACTS_READ_MS, FactWatch } from '../../app/fact-watch';
import type { FactList } from '../../schemas/facts';
import { VirtualClock } from '../simulation/virtual-clock';

function ground(first: readonly string[] = []) {
  const clock = new VirtualClock();
  const store = { names: first, version: 1, isAway: false, reads: 0 };
  const failures: string[] = [];
  const watch = new FactWatch({
    clock,
    failed: (doing) => failures.push(doing),
    store: {
      async read(seen?: string): Promise<FactList | undefined> {
        store.reads += 1;
        if (store.isAway) throw new Error('away');
        const version = String(store.version);
        return version === seen ? undefined : { version, names: store.names };
      },
    },
  });
  const change = (...names: string[]): void => {
    store.names = names;
    store.version += 1;
  };
  return { change, clock, failures, store, watch };
}

it('knows the facts once it has started', async () => {
  const { watch } = ground(['paused/video:a', 'banned/ann']);
  await watch.start();
  expect([watch.isPaused('video:a'), watch.isPaused('video:b')]).toEqual([true, false]);
  expect([watch.isBanned('ann'), watch.isBanned('video:a')]).toEqual([true, false]);
  watch.stop();
});

it('with all channels paused, each one is paused', async () => {
  const { watch } = ground(['paused']);
  await watch.start();
  expect(watch.isPaused('video:any')).toBe(true);
  expect(watch.isBanned('ann')).toBe(false);
  watch.stop();
});

it('knows the times of slow mode, and ignores names that are none', async () => {
  const { change, clock, watch } = ground(['slow/video:a/30', 'slow/video:b/x', 'slow/video:c/0']);
  await watch.start();
  const times = () => ['a', 'b', 'c'].map((id) => watch.slowModeMs(`video:${id}`));
  expect(times()).toEqual([30_000, 0, 0]);
  change('slow/video:b/5');
  await clock.advance(3 * FACTS_READ_MS);
  expect(times()).toEqual([0, 5_000, 0]);
  watch.stop();
});

it('notices a change within the interval, and calls the listener once', async () => {
  const { change, clock, watch } = ground();
  const calls: boolean[] = [];
  await watch.start();
  watch.onChange(() => calls.push(watch.isBanned('ann')));
  change('banned/ann');
  await clock.advance(3 * FACTS_READ_MS);
  change();
  await clock.advance(3 * FACTS_READ_MS);
  expect(calls).toEqual([true, false]);
  watch.stop();
});

it('keeps the facts while the store is unavailable, and reads on', async () => {
  const { change, clock, failures, store, watch } = ground(['banned/ann']);
  await watch.start();
  store.isAway = true;
  change();
  await clock.advance(FACTS_READ_MS);
  expect([watch.isBanned('ann'), failures.length]).toEqual([true, 0]);
  await clock.advance(FACTS_READ_MS);
  expect([watch.isBanned('ann'), failures.length]).toEqual([true, 1]);
  store.isAway = false;
  await clock.advance(FACTS_READ_MS);
  expect(watch.isBanned('ann')).toBe(false);
  watch.stop();
});

it('does not start if the facts cannot be read, so that no banned member is let in', async () => {
  const { store, watch } = ground();
  store.isAway = true;
  await expect(watch.start()).rejects.toThrow('away');
});

it('passes the list on to those who have another version', async () => {
  const { watch } = ground(['paused']);
  await watch.start();
  expect(watch.since(undefined)).toEqual({ version: '1', names: ['paused'] });
  expect(watch.since('1')).toBeUndefined();
  watch.stop();
});

it('reads no more after it was stopped', async () => {
  const { clock, store, watch } = ground();
  await watch.start();
  watch.stop();
  const { reads } = store;
  await clock.advance(5 * FACTS_READ_MS);
  expect(store.reads).toBe(reads);
});
