import fc from 'fast-check';
import '../../fixtures/same-runs';
import { CHANNELS, LeasedWorld } from './leased-world';

const step = fc.record({
  does: fc.constantFrom(
    ...(['set', 'set', 'set', 'none', 'start', 'kill', 'halt', 'crash', 'lose', 'empty'] as const),
  ),
  worker: fc.nat({ max: 4 }),
  channel: fc.nat({ max: CHANNELS.length - 1 }),
  value: fc.integer({ min: 1, max: 5 }),
  waitMs: fc.constantFrom(0, 0, 1_500, 4_500, 9_000),
});

/** Time for all to be right again: a death, its removal, and an empty Redis. */
const REST_MS = 30_000;

it('the state of a feed is that of all live workers at rest, whatever failed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const world = new LeasedWorld();
      world.addWorker();
      for (const { channel: at, does, value, waitMs, worker: by } of steps) {
        const channel = CHANNELS[at] ?? '';
        const worker = world.workers[by % Math.max(world.workers.length, 1)];
        if (does === 'set') worker?.set(channel, value);
        if (does === 'none') worker?.set(channel, undefined);
        if (does === 'start' && world.workers.length < 4) world.addWorker();
        if (does === 'kill') world.kill(by);
        if (does === 'halt' && worker) world.halt(worker, 2_000 * value);
        if (does === 'crash') world.crashes += 1;
        if (does === 'lose') world.lostDeliveries += value;
        if (does === 'empty') world.emptyRedis();
        await world.run(waitMs);
      }
      world.crashes = 0;
      await world.run(REST_MS);
      check(world);
      // A new worker finds a state of each channel.
      const last = world.addWorker();
      await world.run(3_000);
      check(world);
      for (const channel of CHANNELS) expect(last.known.get(channel)).toBeDefined();
      world.close();
    }),
    { numRuns: 60 },
  );
});

/** The cache and all workers have the sum of the values of live workers. */
function check({ cached, workers }: Pick<LeasedWorld, 'cached' | 'workers'>): void {
  for (const channel of CHANNELS) {
    const values = workers.map(({ values }) => Number(values.get(channel)?.value ?? 0));
    const now = values.reduce((sum, value) => sum + value, 0);
    expect([channel, cached(channel)?.now ?? 0]).toEqual([channel, now]);
    for (const { known } of workers) expect(known.get(channel)?.state.now ?? 0).toBe(now);
  }
}
