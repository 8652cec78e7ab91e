import { MIN_GAP_MS } from '../../../dispatchers/delivery/dispatch';
import { deferred } from '../../fixtures/deferred';
import { dispatching, update } from './dispatching';

describe('a Dispatch that finishes', () => {
  it('dispatches what waits, without the gap, and then nothing', async () => {
    const { cache, clock, dispatch, mail, turn } = await dispatching();
    dispatch.changed([update('video:1', 1)]);
    await turn();
    dispatch.changed([update('video:1', 2)]);
    await dispatch.finish();
    expect(mail.slice(1)).toEqual([['ann', [update('video:1', 2)]]]);
    const cached = (await cache.get(['video:1'])).get('video:1');
    expect(cached).toEqual({ likes: update('video:1', 2).vector });
    dispatch.changed([update('video:1', 3)]);
    await clock.advance(60_000);
    expect(mail).toHaveLength(2);
  });

  it('waits for the round under way, and dispatches what came meanwhile', async () => {
    const { dispatch, guarded, mail, turn } = await dispatching();
    const asked = deferred();
    const { watching } = guarded;
    guarded.watching = async (channels) => {
      await asked.promise;
      return watching(channels);
    };
    dispatch.changed([update('video:1', 1)]);
    await turn();
    dispatch.changed([update('video:2', 1)]);
    const finished = dispatch.finish();
    asked.resolve();
    await finished;
    expect(mail.map(([id]) => id)).toEqual(['ann', 'ann', 'bob']);
  });

  it('tries once more what has failed', async () => {
    const { clock, dispatch, mail, trouble, turn } = await dispatching();
    trouble.directory = true;
    dispatch.changed([update('video:1', 1)]);
    await turn();
    trouble.directory = false;
    await dispatch.finish();
    await clock.advance(60_000);
    expect(mail).toEqual([['ann', [update('video:1', 1)]]]);
  });

  it('tries it no more than once', async () => {
    const { clock, dispatch, failures, trouble, turn } = await dispatching();
    trouble.directory = true;
    dispatch.changed([update('video:1', 1)]);
    await turn();
    await dispatch.finish();
    await clock.advance(60_000);
    expect(failures).toEqual(['look up', 'look up']);
  });
});

describe('a round that fails in part', () => {
  it('sends although the cache cannot be written, and writes it later', async () => {
    const { cache, clock, dispatch, failures, mail, trouble, turn } = await dispatching();
    trouble.cache = true;
    dispatch.changed([update('video:1', 3)]);
    await turn();
    expect([mail.length, failures]).toEqual([1, ['write cache']]);
    trouble.cache = false;
    await clock.advance(2_000);
    const cached = (await cache.get(['video:1'])).get('video:1');
    expect(cached).toEqual({ likes: update('video:1', 3).vector });
  });

  it('sends the newest state later if the look-up fails', async () => {
    const { clock, dispatch, failures, mail, trouble, turn } = await dispatching();
    trouble.directory = true;
    dispatch.changed([update('video:1', 3)]);
    await turn();
    dispatch.changed([update('video:1', 4)]);
    await clock.advance(MIN_GAP_MS);
    expect([mail, failures]).toEqual([[], ['look up', 'look up']]);
    trouble.directory = false;
    await clock.advance(2_000);
    expect(mail).toEqual([['ann', [update('video:1', 4, 3)]]]);
  });

  it('serves known workers without Redis, although one watcher is unknown', async () => {
    const { clock, directory, dispatch, failures, loseRedis, mail, turn } = await dispatching();
    await directory.change('unknown', ['video:2'], []);
    dispatch.changed([update('video:1', 1), update('video:2', 1)]);
    await turn();
    await clock.advance(1_000);
    loseRedis();
    mail.length = 0;
    dispatch.changed([update('video:1', 2), update('video:2', 2)]);
    await turn();
    expect(mail.map(([id]) => id)).toEqual(['ann', 'bob']);
    expect(failures).toEqual(['write cache']);
    dispatch.close();
  });

  it('does nothing after it was closed', async () => {
    const { clock, dispatch, guarded, mail, turn } = await dispatching();
    const asked = deferred();
    guarded.watching = () => asked.promise.then(() => []);
    dispatch.changed([update('video:1', 1)]);
    await turn();
    dispatch.close();
    asked.reject(new Error('unavailable'));
    await turn();
    let calls = 0;
    guarded.watching = async () => {
      calls += 1;
      return [];
    };
    await clock.advance(60_000);
    expect([calls, mail]).toEqual([0, []]);
  });
});
