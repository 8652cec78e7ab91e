import { Broadcast } from '../../dispatchers/broadcast';
import { Consumer } from '../../dispatchers/consume';
import { Doubles } from '../../dispatchers/doubles';
import { Peers } from '../../dispatchers/peers';
import { DedupeWindow } from '../../schemas/dedupe-window';
import { settled } from '../fixtures/deferred';
import { logged, VIDEO } from '../fixtures/records';
import { FakeLog } from '../producers/parts';
import { ground, ORIGIN, WINDOW_MS } from './parts';

const OLD = 'an-old-id';

/** An update of a later datacenter that counted the same old id. */
const UPDATE = {
  ...{ channel: VIDEO, t: 1, origin: 'dc2.1', taken: [OLD], isAgain: false },
  vector: { 'dc2.1': { version: 1, counts: { like: 1 } } },
};

/** An owner whose log has the old id. */
async function owning() {
  const { clock, open, store } = ground();
  const log = new FakeLog();
  const failures: string[] = [];
  const failed = (doing: string): number => failures.push(doing);
  const broadcast = new Broadcast({ log, origin: ORIGIN, clock, failed });
  const dedupe = new DedupeWindow(WINDOW_MS);
  const doubles = new Doubles({ origin: ORIGIN, log, store, clock, dedupe, failed });
  const consumer = new Consumer({
    ...{ broadcast, clock, failed },
    source: {
      start: async () => undefined,
      stop: async () => undefined,
      commit: async () => undefined,
      verifyEnd: async () => 0,
    },
    dispatch: { changed: () => undefined },
    open: (_, position) => open(position, new Peers({ doubles, secret: 'secret' })),
  });
  consumer.assigned(0, { done: 0, from: 0, end: 0 });
  await consumer.records(0, [logged(0, { likeId: OLD, at: 1 })]);
  await settled();
  const taken = () => log.entries.map(({ value }) => JSON.parse(value).taken);
  return { broadcast, clock, consumer, failures, log, taken };
}

describe('a like that a later datacenter counted, too', () => {
  it('is in the log again before the update that told of it is done', async () => {
    const { consumer, log, taken } = await owning();
    expect(taken()).toEqual([[OLD]]);
    await consumer.told(0, [UPDATE]);
    expect(taken()).toEqual([[OLD], [OLD]]);
    expect(JSON.parse(log.entries[1]?.value ?? '')).toMatchObject({ origin: ORIGIN });
    await consumer.told(0, [{ ...UPDATE, isAgain: true }]);
    expect(taken()).toHaveLength(2);
  });

  it('has the update offered again while the log is away', async () => {
    const { clock, consumer, failures, log, taken } = await owning();
    log.away = true;
    const told = consumer.told(0, [UPDATE]);
    await expect(told).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(failures).toEqual(['broadcast', 'hear']);
    log.away = false;
    await clock.advance(1_000);
    await consumer.told(0, [UPDATE]);
    expect(taken().flat().length).toBeGreaterThan(1);
  });

  it('waits if too many ids wait to be published', async () => {
    const { broadcast, consumer, log, taken } = await owning();
    log.away = true;
    const counted = Array.from({ length: 100_001 }, (_, at) => `${at}`);
    broadcast.changed([{ update: UPDATE, counted }]);
    await settled();
    const told = consumer.told(0, [UPDATE]);
    await expect(told).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(taken()).toEqual([[OLD]]);
    broadcast.close();
  });
});
