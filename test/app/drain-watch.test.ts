import type { DrainState } from '../../adapters/cassandra/drain-records';
import { DRAIN_READ_MS, DrainWatch } from '../../app/drain-watch';
import { VirtualClock } from '../simulation/virtual-clock';

function ground(first: DrainState | undefined) {
  const clock = new VirtualClock();
  const store: { state: DrainState | undefined; isAway: boolean } = { state: first, isAway: false };
  const failures: string[] = [];
  const watch = new DrainWatch({
    origin: 'dc1.1',
    clock,
    failed: (doing) => failures.push(doing),
    records: {
      state: async () => {
        if (store.isAway) throw new Error('away');
        return store.state;
      },
    },
  });
  return { clock, failures, store, watch };
}

it.each<[DrainState | undefined, boolean]>([
  [undefined, false],
  ['serving', false],
  ['draining', true],
  ['drained', true],
  ['lost', true],
  ['recounting', true],
  ['recounted', true],
])('a process that starts while its log is %s: draining is %s', async (state, isDraining) => {
  const { watch } = ground(state);
  await watch.start();
  expect(watch.isDraining).toBe(isDraining);
  watch.stop();
});

it('a running process notices a drain, and its end, within the interval', async () => {
  const { clock, store, watch } = ground(undefined);
  await watch.start();
  store.state = 'draining';
  await clock.advance(DRAIN_READ_MS);
  expect(watch.isDraining).toBe(true);
  store.state = 'serving';
  await clock.advance(DRAIN_READ_MS);
  expect(watch.isDraining).toBe(false);
  watch.stop();
});

it('while the store is unavailable, the last state stays', async () => {
  const { clock, failures, store, watch } = ground('draining');
  await watch.start();
  store.isAway = true;
  await clock.advance(3 * DRAIN_READ_MS);
  expect(watch.isDraining).toBe(true);
  expect(failures).toContain('watch the drain');
  watch.stop();
});
