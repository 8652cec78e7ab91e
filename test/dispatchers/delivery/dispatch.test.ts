import { EmbeddedCache } from '../../../adapters/embedded/state-cache';
import { Dispatch, MIN_GAP_MS } from '../../../dispatchers/delivery/dispatch';
import { mergeUpdates, type Update } from '../../../schemas/delivery';
import { UNMEASURED } from '../../../schemas/measures';
import { deferred, settled } from '../../fixtures/deferred';
import { VirtualClock } from '../../simulation/virtual-clock';
import { types } from '../parts';
import { dispatching, update } from './dispatching';

describe('Dispatch', () => {
  it('sends each worker the updates that it watches, in one delivery', async () => {
    const { dispatch, mail, turn } = await dispatching();
    dispatch.changed([update('video:1', 3), update('video:2', 4), update('video:3', 5)]);
    await turn();
    expect(mail).toEqual([
      ['ann', [update('video:1', 3), update('video:2', 4)]],
      ['bob', [update('video:2', 4)]],
    ]);
  });

  it('writes the state into the cache before it is sent', async () => {
    const { cache, dispatch, guarded, turn } = await dispatching();
    let cached: unknown;
    const { watching } = guarded;
    guarded.watching = async (channels) => {
      cached = (await cache.get(['video:1'])).get('video:1');
      return watching(channels);
    };
    dispatch.changed([update('video:1', 3)]);
    await turn();
    expect(cached).toEqual({ likes: update('video:1', 3).vector });
  });
});

describe('a round whose write tells the watchers', () => {
  it('asks the directory for none', async () => {
    const { directory, dispatch, mail, trouble, turn } = await dispatching();
    trouble.watchers = new Map([['video:1', ['bob']]]);
    directory.watchers = () => Promise.reject(new Error('asked'));
    dispatch.changed([update('video:1', 3)]);
    await turn();
    expect(mail).toEqual([['bob', [update('video:1', 3)]]]);
  });
});

describe('the rounds of Dispatch', () => {
  it('join the changes of one turn of the event loop', async () => {
    const { dispatch, guarded, mail, turn } = await dispatching();
    const lookUps: (readonly string[])[] = [];
    const { watching } = guarded;
    guarded.watching = (channels) => {
      lookUps.push(channels);
      return watching(channels);
    };
    dispatch.changed([update('video:1', 1)]);
    await settled();
    dispatch.changed([update('video:2', 1)]);
    await turn();
    expect(lookUps).toEqual([['video:1', 'video:2']]);
    expect(mail[0]).toEqual(['ann', [update('video:1', 1), update('video:2', 1)]]);
  });

  it('start at once after quiet, and else after the least gap', async () => {
    const { clock, dispatch, mail, turn } = await dispatching();
    for (const version of [1, 2, 3]) {
      dispatch.changed([update('video:1', version)]);
      await turn();
    }
    expect(mail).toEqual([['ann', [update('video:1', 1)]]]);
    await clock.advance(MIN_GAP_MS - 1);
    expect(mail).toHaveLength(1);
    await clock.advance(1);
    expect(mail.slice(1)).toEqual([['ann', [update('video:1', 3, 2)]]]);
    await clock.advance(MIN_GAP_MS);
    dispatch.changed([update('video:1', 4)]);
    await turn();
    expect(mail.slice(2)).toEqual([['ann', [update('video:1', 4)]]]);
  });

  it('merge the updates that arrive during the round before', async () => {
    const { clock, dispatch, guarded, mail, turn } = await dispatching();
    const asked = deferred();
    const { watching } = guarded;
    guarded.watching = async (channels) => {
      await asked.promise;
      return watching(channels);
    };
    dispatch.changed([update('video:1', 1)]);
    await clock.advance(2 * MIN_GAP_MS);
    dispatch.changed([update('video:1', 3, 30)]);
    dispatch.changed([update('video:1', 2, 20)]);
    await clock.advance(2 * MIN_GAP_MS);
    expect(mail).toEqual([]);
    asked.resolve();
    await settled();
    await turn();
    expect(mail.map(([, updates]) => updates)).toEqual([
      [update('video:1', 1)],
      [update('video:1', 3, 20)],
    ]);
  });

  it('do not start once it is closed', async () => {
    const { clock, dispatch, mail, turn } = await dispatching();
    dispatch.changed([update('video:1', 1)]);
    await turn();
    dispatch.changed([update('video:1', 2)]);
    dispatch.close();
    await clock.advance(MIN_GAP_MS);
    expect(mail).toHaveLength(1);
  });
});

describe('updates of several types of one channel', () => {
  it('are cached as its feeds, and sent in one delivery after one look-up', async () => {
    const { cache, dispatch, guarded, mail, turn } = await dispatching();
    const lookUps: (readonly string[])[] = [];
    const { watching } = guarded;
    guarded.watching = async (channels) => {
      lookUps.push(channels);
      return watching(channels);
    };
    const [likes, votes] = [update('video:1', 3), update('video:1', 9, 9, 'votes')];
    dispatch.changed([likes, update('video:2', 4), votes]);
    await turn();
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
    await clock.advance(0);
    expect(stages).toEqual([
      ['likes', 'looked_up', 7],
      ['votes', 'looked_up', 7],
    ]);
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
