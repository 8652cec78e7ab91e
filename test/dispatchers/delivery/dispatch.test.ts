import { EmbeddedDirectory } from '../../../adapters/embedded/directory';
import { EmbeddedLeases } from '../../../adapters/embedded/leases';
import { EmbeddedCache } from '../../../adapters/embedded/state-cache';
import type { StateCache } from '../../../adapters/state-cache';
import { Dispatch } from '../../../dispatchers/delivery/dispatch';
import { LiveWorkers } from '../../../dispatchers/workers/live-workers';
import { mergeUpdates, type Update } from '../../../schemas/delivery';
import { UNMEASURED } from '../../../schemas/measures';
import { deferred, settled } from '../../fixtures/deferred';
import { VirtualClock } from '../../simulation/virtual-clock';
import { counted, types } from '../parts';

function update(channel: string, version: number, t = version, type = 'likes'): Update {
  return { channel, type, t, vector: { 'dc1.1': counted(version, { like: version }) } };
}

async function dispatching() {
  const clock = new VirtualClock();
  const cache = new EmbeddedCache(types);
  const directory = new EmbeddedDirectory(cache);
  const leases = new EmbeddedLeases();
  const mail: [string, Update[]][] = [];
  const failures: string[] = [];
  const trouble = { cache: false, directory: false };
  const failed = (doing: string) => failures.push(doing);
  const live = new LiveWorkers({ directory, leases, clock, removesDead: true, failed });
  const guarded: Pick<LiveWorkers, 'watching'> = {
    watching: async (channels) => {
      if (trouble.directory) throw new Error('unavailable');
      return live.watching(channels);
    },
  };
  const guardedCache: StateCache = {
    get: (channels) => cache.get(channels),
    put: async (states) => {
      if (trouble.cache) throw new Error('unavailable');
      await cache.put(states);
    },
  };
  const dispatch = new Dispatch({
    types,
    clock,
    workers: guarded,
    cache: guardedCache,
    outboxes: { add: ({ id }, updates) => mail.push([id, [...updates]]) },
    failed,
  });
  for (const [id, channels] of [
    ['ann', ['video:1', 'video:2']],
    ['bob', ['video:2']],
  ] as const) {
    await leases.renew({ id, url: '' }, 1);
    await directory.change(id, channels, []);
  }
  /** Makes all of Redis unavailable. */
  const loseRedis = () => {
    trouble.cache = true;
    directory.watchers = () => Promise.reject(new Error('unavailable'));
    leases.all = () => Promise.reject(new Error('unavailable'));
  };
  return { cache, clock, directory, dispatch, failures, guarded, loseRedis, mail, trouble };
}

describe('Dispatch', () => {
  it('sends each worker the updates that it watches, in one delivery', async () => {
    const { dispatch, mail } = await dispatching();
    dispatch.changed([update('video:1', 3), update('video:2', 4), update('video:3', 5)]);
    await settled();
    expect(mail).toEqual([
      ['ann', [update('video:1', 3), update('video:2', 4)]],
      ['bob', [update('video:2', 4)]],
    ]);
  });

  it('writes the state into the cache before it is sent', async () => {
    const { cache, dispatch, guarded } = await dispatching();
    let cached: unknown;
    const { watching } = guarded;
    guarded.watching = async (channels) => {
      cached = (await cache.get(['video:1'])).get('video:1');
      return watching(channels);
    };
    dispatch.changed([update('video:1', 3)]);
    await settled();
    expect(cached).toEqual({ likes: update('video:1', 3).vector });
  });

  it('merges updates that arrive during a round', async () => {
    const { dispatch, guarded, mail } = await dispatching();
    const asked = deferred();
    const { watching } = guarded;
    guarded.watching = async (channels) => {
      await asked.promise;
      return watching(channels);
    };
    dispatch.changed([update('video:1', 1)]);
    await settled();
    dispatch.changed([update('video:1', 3, 30)]);
    dispatch.changed([update('video:1', 2, 20)]);
    asked.resolve();
    await settled();
    expect(mail.map(([, updates]) => updates)).toEqual([
      [update('video:1', 1)],
      [update('video:1', 3, 20)],
    ]);
  });
});

describe('updates of several types of one channel', () => {
  it('are cached as its feeds, and sent in one delivery after one look-up', async () => {
    const { cache, dispatch, guarded, mail } = await dispatching();
    const lookUps: (readonly string[])[] = [];
    const { watching } = guarded;
    guarded.watching = async (channels) => {
      lookUps.push(channels);
      return watching(channels);
    };
    const [likes, votes] = [update('video:1', 3), update('video:1', 9, 9, 'votes')];
    dispatch.changed([likes, update('video:2', 4), votes]);
    await settled();
    expect(lookUps).toEqual([['video:1', 'video:2']]);
    expect(mail[0]).toEqual(['ann', [likes, update('video:2', 4), votes]]);
    const cached = (await cache.get(['video:1'])).get('video:1');
    expect(cached).toEqual({ likes: likes.vector, votes: votes.vector });
  });

  it('are measured by type', async () => {
    const stages: unknown[] = [];
    const stage = (...of: unknown[]) => void stages.push(of);
    const clock = new VirtualClock();
    const dispatch = new Dispatch({
      ...{ types, clock, cache: new EmbeddedCache(types), measures: { ...UNMEASURED, stage } },
      workers: { watching: async (channels) => channels.map(() => []) },
      outboxes: { add: () => undefined },
      failed: () => undefined,
    });
    const t = clock.now() - 7;
    dispatch.changed([update('video:1', 3, t), update('video:1', 3, t, 'votes')]);
    await settled();
    expect(stages).toEqual([
      ['likes', 'looked_up', 7],
      ['votes', 'looked_up', 7],
    ]);
  });
});

describe('a round that fails in part', () => {
  it('sends although the cache cannot be written, and writes it later', async () => {
    const { cache, clock, dispatch, failures, mail, trouble } = await dispatching();
    trouble.cache = true;
    dispatch.changed([update('video:1', 3)]);
    await settled();
    expect([mail.length, failures]).toEqual([1, ['write cache']]);
    trouble.cache = false;
    await clock.advance(2_000);
    const cached = (await cache.get(['video:1'])).get('video:1');
    expect(cached).toEqual({ likes: update('video:1', 3).vector });
  });

  it('sends the newest state later if the look-up fails', async () => {
    const { clock, dispatch, failures, mail, trouble } = await dispatching();
    trouble.directory = true;
    dispatch.changed([update('video:1', 3)]);
    await settled();
    dispatch.changed([update('video:1', 4)]);
    await settled();
    expect([mail, failures]).toEqual([[], ['look up', 'look up']]);
    trouble.directory = false;
    await clock.advance(2_000);
    expect(mail).toEqual([['ann', [update('video:1', 4, 3)]]]);
  });

  it('serves known workers without Redis, although one watcher is unknown', async () => {
    const { clock, directory, dispatch, failures, loseRedis, mail } = await dispatching();
    await directory.change('unknown', ['video:2'], []);
    dispatch.changed([update('video:1', 1), update('video:2', 1)]);
    await settled();
    await clock.advance(1_000);
    loseRedis();
    mail.length = 0;
    dispatch.changed([update('video:1', 2), update('video:2', 2)]);
    await settled();
    expect(mail.map(([id]) => id)).toEqual(['ann', 'bob']);
    expect(failures).toEqual(['write cache']);
    dispatch.close();
  });

  it('does nothing after it was closed', async () => {
    const { clock, dispatch, guarded, mail } = await dispatching();
    const asked = deferred();
    guarded.watching = () => asked.promise.then(() => []);
    dispatch.changed([update('video:1', 1)]);
    await settled();
    dispatch.close();
    asked.reject(new Error('unavailable'));
    await settled();
    let calls = 0;
    guarded.watching = async () => {
      calls += 1;
      return [];
    };
    await clock.advance(60_000);
    expect([calls, mail]).toEqual([0, []]);
  });
});

describe('mergeUpdates', () => {
  it('keeps the newest of each origin and the oldest time, in either order', () => {
    const one: Update = {
      ...{ channel: 'video:1', type: 'likes' },
      t: 5,
      vector: { 'dc1.1': { version: 9, state: { like: 9 } } },
    };
    const other: Update = {
      ...{ channel: 'video:1', type: 'likes' },
      t: 3,
      vector: {
        'dc1.1': { version: 7, state: { like: 7 } },
        'dc2.1': { version: 1, state: { like: 1 } },
      },
    };
    const vector = { ...other.vector, ...one.vector };
    const merged = { channel: 'video:1', type: 'likes', t: 3, vector };
    expect(mergeUpdates(types, one, other)).toEqual(merged);
    expect(mergeUpdates(types, other, one)).toEqual(merged);
  });
});
