import { RENEW_MS } from '../../frontends/memberships';
import { bucketOf, digestOf } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import { deferred, settled } from '../fixtures/deferred';
import { watching } from './fake-dispatcher';
import { counted } from './parts';

const LINGER_MS = 5_000;

describe('what a worker watches', () => {
  it('is said at once, and the state that is answered is learned', async () => {
    const { dispatcher, held, memberships, want } = await watching();
    dispatcher.states.set('video:1', { 'dc1.1': counted(3) });
    want('video:1');
    await settled();
    expect(dispatcher.asked).toEqual(['+video:1']);
    expect(held.get('video:1')).toEqual({ 'dc1.1': counted(3) });
    memberships.close();
  });

  it('is said of one channel once, however many viewers come', async () => {
    const { clock, dispatcher, memberships, want } = await watching();
    for (let viewers = 0; viewers < 5; viewers++) want('video:1');
    await clock.advance(1_000);
    expect(dispatcher.asked).toEqual(['+video:1']);
    memberships.close();
  });

  it('is said one request at a time, with all that came meanwhile in the next one', async () => {
    const { dispatcher, memberships, want } = await watching();
    const answered = deferred();
    dispatcher.until = answered.promise;
    want('video:1');
    want('video:2');
    want('video:3');
    await settled();
    expect(dispatcher.asked).toEqual(['+video:1']);
    answered.resolve();
    await settled();
    expect(dispatcher.asked).toEqual(['+video:1', '+video:2 +video:3']);
    memberships.close();
  });

  it('is said again until it was heard', async () => {
    const { clock, dispatcher, failures, memberships, want } = await watching();
    dispatcher.away = true;
    want('video:1');
    await clock.advance(1_000);
    expect(failures).toContain('change');
    dispatcher.away = false;
    await clock.advance(1_000);
    const heard = dispatcher.asked.length;
    expect(dispatcher.asked.at(-1)).toBe('+video:1');
    await clock.advance(1_000);
    expect(dispatcher.asked).toHaveLength(heard);
    memberships.close();
  });

  it('is said a part at a time when it is very much', async () => {
    const { dispatcher, memberships, want } = await watching();
    for (let at = 0; at < 5_000; at++) want(`video:${at}`);
    await settled();
    expect(dispatcher.changes.flatMap(({ join }) => join)).toHaveLength(5_000);
    for (const { join } of dispatcher.changes) expect(join.length).toBeLessThanOrEqual(2_000);
    memberships.close();
  });
});

describe('a channel without viewers', () => {
  it('is kept for a while: they may be on their way back', async () => {
    const { clock, dispatcher, held, memberships, want } = await watching();
    want('video:1');
    await settled();
    memberships.unwant('video:1');
    await clock.advance(LINGER_MS - 1);
    want('video:1');
    await clock.advance(10 * LINGER_MS);
    expect(held.has('video:1')).toBe(true);
    expect(dispatcher.asked).toEqual(['+video:1']);
    memberships.close();
  });

  it('is left after that, and joined anew when they come later', async () => {
    const { clock, dispatcher, held, memberships, want } = await watching();
    want('video:1');
    await settled();
    memberships.unwant('video:1');
    await clock.advance(LINGER_MS);
    expect(held.has('video:1')).toBe(false);
    want('video:1');
    await settled();
    expect(dispatcher.asked).toEqual(['+video:1', '-video:1', '+video:1']);
    memberships.close();
  });

  it('that is wanted again while its leaving fails is not left', async () => {
    const { clock, dispatcher, memberships, want } = await watching();
    want('video:1');
    await settled();
    dispatcher.away = true;
    memberships.unwant('video:1');
    await clock.advance(LINGER_MS + 100);
    want('video:1');
    dispatcher.away = false;
    await clock.advance(1_000);
    expect(dispatcher.asked.at(-1)).toBe('+video:1');
    memberships.close();
  });

  it('that is left while its joining fails is not joined', async () => {
    const { clock, dispatcher, memberships, want } = await watching();
    dispatcher.away = true;
    want('video:1');
    memberships.unwant('video:1');
    await clock.advance(LINGER_MS + 100);
    dispatcher.away = false;
    await clock.advance(1_000);
    expect(dispatcher.asked.at(-1)).toBe('-video:1');
    memberships.close();
  });
});

describe('renewing', () => {
  it('is done again and again, with the digest of what is held', async () => {
    const { clock, dispatcher, memberships, want } = await watching();
    dispatcher.states.set('video:1', { 'dc1.1': counted(3) });
    want('video:1');
    await clock.advance(RENEW_MS * 3);
    expect(dispatcher.renewals).toHaveLength(4);
    const digest = digestOf([['video:1', { 'dc1.1': counted(3) }]]);
    expect(dispatcher.renewals.at(-1)?.digest).toEqual(digest);
    memberships.close();
  });

  it('has all channels of an unequal bucket joined again, and learns what is newer', async () => {
    const { clock, dispatcher, held, memberships, want } = await watching();
    for (let at = 0; at < 300; at++) want(`video:${at}`);
    await settled();
    dispatcher.changes.length = 0;
    dispatcher.states.set('video:7', { 'dc1.1': counted(9) });
    dispatcher.unequal = [bucketOf('video:7')];
    await clock.advance(RENEW_MS);
    const ofBucket = [...held.keys()].filter((name) => bucketOf(name) === bucketOf('video:7'));
    expect(dispatcher.changes).toHaveLength(1);
    expect(dispatcher.changes[0]?.buckets).toEqual([bucketOf('video:7')]);
    expect([...(dispatcher.changes[0]?.join ?? [])].sort()).toEqual(ofBucket.sort());
    expect(held.get('video:7')).toEqual({ 'dc1.1': counted(9) });
    memberships.close();
  });

  it('names the bucket of a channel that is not held, so that it is dropped', async () => {
    const { clock, dispatcher, memberships } = await watching();
    dispatcher.unequal = [5];
    await clock.advance(RENEW_MS);
    expect(dispatcher.changes).toMatchObject([{ join: [], leave: [], buckets: [5] }]);
    memberships.close();
  });

  it('names all of an unequal bucket in one request, so that nothing held is dropped', async () => {
    const { clock, dispatcher, held, memberships, want } = await watching();
    for (let at = 0; at < 5_000; at++) want(`video:${at}`);
    await settled();
    dispatcher.changes.length = 0;
    dispatcher.unequal = Array.from({ length: 64 }, (_, bucket) => bucket);
    await clock.advance(RENEW_MS);
    const [mending] = dispatcher.changes;
    expect(mending?.buckets).toHaveLength(64);
    expect(mending?.join).toHaveLength(held.size);
    memberships.close();
  });

  it('mends an unequal bucket again when that failed', async () => {
    const { clock, dispatcher, memberships } = await watching();
    dispatcher.unequal = [3];
    await clock.advance(RENEW_MS - 1);
    const change = dispatcher.change.bind(dispatcher);
    let fails = true;
    dispatcher.change = async (asked) => {
      if (fails) throw new LikestreamError('peer_unavailable');
      return change(asked);
    };
    await clock.advance(1);
    fails = false;
    dispatcher.unequal = [];
    await clock.advance(1_000);
    expect(dispatcher.changes).toMatchObject([{ buckets: [3] }]);
    memberships.close();
  });
});

describe('Memberships', () => {
  it('does nothing after it was closed', async () => {
    const { clock, dispatcher, memberships, want } = await watching();
    want('video:1');
    await settled();
    memberships.unwant('video:1');
    memberships.close();
    await clock.advance(60_000);
    expect([dispatcher.renewals.length, dispatcher.asked]).toEqual([1, ['+video:1']]);
  });

  it('does nothing after it was closed while a request failed', async () => {
    const { clock, dispatcher, memberships, want } = await watching();
    const answered = deferred();
    dispatcher.until = answered.promise;
    want('video:1');
    await settled();
    memberships.close();
    answered.reject(new LikestreamError('peer_unavailable'));
    await clock.advance(60_000);
    expect(dispatcher.asked).toEqual(['+video:1']);
  });
});

describe('renewing while no dispatcher answers', () => {
  it('goes on after a dispatcher was away, and mends then', async () => {
    const { clock, dispatcher, failures, memberships } = await watching();
    dispatcher.away = true;
    await clock.advance(RENEW_MS * 2);
    expect(new Set(failures)).toEqual(new Set(['renew']));
    dispatcher.away = false;
    dispatcher.unequal = [3];
    await clock.advance(RENEW_MS);
    expect(dispatcher.changes[0]).toMatchObject({ buckets: [3] });
    memberships.close();
  });

  it('tries again soon after one that failed: without its lease nobody finds the worker', async () => {
    const { clock, dispatcher, failures, memberships } = await watching();
    dispatcher.away = true;
    await clock.advance(RENEW_MS);
    dispatcher.away = false;
    const before = dispatcher.renewals.length;
    await clock.advance(RENEW_MS / 2);
    expect(failures).toEqual(['renew']);
    expect(dispatcher.renewals.length).toBe(before + 1);
    memberships.close();
  });
});
