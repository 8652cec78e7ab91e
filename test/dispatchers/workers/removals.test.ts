import { PEER_DEAD_AFTER_MS } from '../../../dispatchers/workers/beats';
import { READ_MS } from '../../../dispatchers/workers/live-workers';
import { Removals } from '../../../dispatchers/workers/removals';
import { RENEW_MS } from '../../../schemas/delivery';
import { digestOf } from '../../../schemas/digest';
import { LikestreamError } from '../../../schemas/errors';
import { levels, stays } from '../../contract/leased-types';
import { deferred, settled } from '../../fixtures/deferred';
import { VirtualClock } from '../../simulation/virtual-clock';
import { CHANNEL, ground, reporting, statesIn } from '../leased/ground';

const ANN = { id: 'ann', url: 'http://ann' };
const PEER = { id: 'dc:dc2', url: '' };
const GRACE_MS = stays.graceMs;

/** A worker with a value of each type, whose beat no longer changes, and a dispatcher. */
async function lost() {
  const parts = ground();
  const first = parts.dispatcher();
  const report = reporting();
  await parts.leases.renew(ANN, 7);
  await parts.directory.change(ANN.id, [CHANNEL], []);
  const values = [report({ value: 2 }), report({ type: stays.name, value: 3 })];
  await first.leased.report(ANN.id, 7, values);
  first.workers.start();
  first.updates.splice(0);
  const values7 = async () => {
    const all = await parts.contributions.read([
      { channel: CHANNEL, type: levels.name },
      { channel: CHANNEL, type: stays.name },
    ]);
    return all.map((feed) => Object.fromEntries(feed.values));
  };
  return { ...parts, ...first, report, current: values7 };
}

describe('the values of a lost worker', () => {
  it('are removed within 8 s, those with a grace after it, and the lease last', async () => {
    const { clock, current, directory, leases, updates, workers } = await lost();
    await clock.advance(6_500);
    expect(await current()).toEqual([{}, { ann: 3 }]);
    expect(statesIn(updates)).toEqual([[CHANNEL, 2, { now: 0, most: 2 }]]);
    expect(await leases.all()).toHaveLength(1);
    expect(await directory.watchers([CHANNEL])).toEqual([[]]);
    await clock.advance(GRACE_MS - READ_MS);
    expect(await current()).toEqual([{}, { ann: 3 }]);
    await clock.advance(2 * READ_MS);
    expect(await current()).toEqual([{}, {}]);
    expect(statesIn(updates).at(-1)).toEqual([CHANNEL, 2, { now: 0, most: 3 }]);
    expect(await leases.all()).toEqual([]);
    expect(await directory.digest(ANN.id)).toEqual(digestOf([]));
    workers.close();
  });

  it('are removed by another dispatcher if this one dies during the grace', async () => {
    const { clock, current, dispatcher, leases, workers } = await lost();
    await clock.advance(20_000);
    workers.close();
    const other = dispatcher();
    other.workers.start();
    await clock.advance(GRACE_MS);
    expect(await current()).toEqual([{}, { ann: 3 }]);
    await clock.advance(6_500 + READ_MS);
    expect([await current(), await leases.all()]).toEqual([[{}, {}], []]);
    other.workers.close();
  });

  it('are removed again after a failure', async () => {
    const { clock, contributions, current, failures, workers } = await lost();
    const remove = contributions.remove.bind(contributions);
    let calls = 0;
    contributions.remove = (...of) => {
      calls += 1;
      if (calls === 100) return Promise.reject(new LikestreamError('directory_unavailable'));
      return remove(...of);
    };
    await clock.advance(8_000);
    expect(failures).toEqual(['remove worker']);
    expect(await current()).toEqual([{}, { ann: 3 }]);
    workers.close();
  });

  it('stay with a worker that renews during the grace, and it may report again', async () => {
    const { clock, current, leased, leases, report, workers } = await lost();
    await clock.advance(8_000);
    for (let beat = 8; beat < 60; beat++) {
      await leases.renew(ANN, beat);
      if (beat === 10) await leased.report(ANN.id, beat, [report({ value: 4 })]);
      await clock.advance(RENEW_MS);
    }
    expect(await current()).toEqual([{ ann: 4 }, { ann: 3 }]);
    workers.close();
  });

  it('do not return by a report that a halted dispatcher writes late', async () => {
    const { clock, current, leased, report, workers } = await lost();
    await clock.advance(8_000);
    await leased.report(ANN.id, 7, [report({ value: 9 })]);
    expect(await current()).toEqual([{}, { ann: 3 }]);
    await clock.advance(GRACE_MS);
    await leased.report(ANN.id, 6, [report({ value: 9 })]);
    expect(await current()).toEqual([{}, {}]);
    workers.close();
  });

  it('are found by the next report if the worker has no lease', async () => {
    const { clock, current, leased, leases, report, workers } = await lost();
    await leased.report('ghost', 3, [report({ value: 50 })]);
    for (let beat = 8; beat < 20; beat++) {
      await leases.renew(ANN, beat);
      await leased.report(ANN.id, beat, [report({ value: beat })]);
      await clock.advance(RENEW_MS / 2);
    }
    expect(await current()).toEqual([{ ann: 19 }, { ann: 3 }]);
    workers.close();
  });
});

describe('the values of another datacenter', () => {
  /** A datacenter with a value of each type, whose heartbeats end. */
  async function unheard() {
    const parts = await lost();
    const { leased, leases, report } = parts;
    await leases.renew(PEER, 100);
    const values = [report({ value: 20 }), report({ type: stays.name, value: 30 })];
    await leased.report(PEER.id, Number.MAX_SAFE_INTEGER, values);
    await leases.remove(ANN.id, 7);
    return parts;
  }

  it('are removed 15 s after its last heartbeat, but for those with a grace', async () => {
    const { clock, current, leased, updates, workers } = await unheard();
    await clock.advance(PEER_DEAD_AFTER_MS - READ_MS);
    expect((await current())[0]).toEqual({ 'dc:dc2': 20 });
    await clock.advance(3 * READ_MS);
    expect((await current())[0]).toEqual({});
    await clock.advance(10 * GRACE_MS);
    expect(await current()).toEqual([{}, { 'dc:dc2': 30 }]);
    expect(statesIn(updates).at(-1)?.[2]).toEqual({ now: 30, most: 33 });
    expect(leased.gracesOf(PEER.id)).toEqual([0]);
    workers.close();
  });

  it('are removed again if one is reported late, and only then', async () => {
    const { clock, contributions, current, leased, report, workers } = await unheard();
    await clock.advance(60_000);
    let calls = 0;
    const remove = contributions.remove.bind(contributions);
    contributions.remove = (...of) => {
      calls += 1;
      return remove(...of);
    };
    await leased.report('bob', 1, [report({ type: stays.name, value: 1 })]);
    await clock.advance(3_000);
    expect(calls).toBe(0);
    await leased.report(PEER.id, Number.MAX_SAFE_INTEGER, [report({ value: 21 })]);
    expect((await current())[0]).toEqual({ 'dc:dc2': 21 });
    await clock.advance(2 * READ_MS);
    expect((await current())[0]).toEqual({});
    workers.close();
  });

  it('return with its heartbeats, even if their numbers begin anew', async () => {
    const { clock, current, leased, leases, report, workers } = await unheard();
    await clock.advance(60_000);
    for (let beat = 1; beat < 20; beat++) {
      await leases.renew(PEER, beat);
      if (beat === 2) await leased.report(PEER.id, Number.MAX_SAFE_INTEGER, [report()]);
      await clock.advance(RENEW_MS);
    }
    expect((await current())[0]).toEqual({ 'dc:dc2': 1 });
    workers.close();
  });
});

describe('a removal', () => {
  it('begins again if the worker left something behind meanwhile', async () => {
    const clock = new VirtualClock();
    const first = deferred<boolean>();
    const values = {
      gracesOf: () => [0],
      remove: jest.fn(async () => true).mockImplementationOnce(() => first.promise),
    };
    const leases = { remove: jest.fn(async () => {}) };
    const removals = new Removals({
      ...{ clock, leases, isDead: () => true, watchedBy: () => [] },
      directory: { change: async () => {} },
      ...{ removed: jest.fn(), failed: jest.fn() },
    });
    removals.values = values;
    const dead = new Map([[ANN.id, 7]]);
    removals.step(dead);
    await settled();
    removals.again(ANN.id);
    first.resolve(true);
    await settled();
    expect(leases.remove).not.toHaveBeenCalled();
    removals.step(dead);
    await settled();
    expect(values.remove).toHaveBeenCalledTimes(2);
    expect(leases.remove).toHaveBeenCalledTimes(1);
  });
});
