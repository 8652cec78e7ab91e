import { LINGER_MS } from '../../frontends/lingering';
import { MAX_CHANNELS_PER_REQUEST, RENEW_MS, RETRY_MS } from '../../frontends/memberships';
import {
  bucketOf,
  DIGEST_BUCKETS,
  digestOf,
  MAX_CHANNEL_LENGTH,
  MAX_MESSAGE_BYTES,
} from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import { deferred } from '../fixtures/deferred';
import { watching } from './fake-dispatcher';
import { counted } from './parts';

describe('what a worker watches', () => {
  it('is said at once, and the state that is answered is learned', async () => {
    const { dispatcher, held, memberships, sent, want } = await watching();
    dispatcher.states.set('video:1', { 'dc1.1': counted(3) });
    want('video:1');
    await sent();
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
    const { dispatcher, memberships, sent, want } = await watching();
    const answered = deferred();
    dispatcher.until = answered.promise;
    want('video:1');
    want('video:2');
    await sent();
    want('video:3');
    want('video:4');
    await sent();
    expect(dispatcher.asked).toEqual(['+video:1 +video:2']);
    answered.resolve();
    await sent();
    await sent();
    expect(dispatcher.asked).toEqual(['+video:1 +video:2', '+video:3 +video:4']);
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
});

describe('what a worker watches, if it is very much', () => {
  it('is said a part at a time', async () => {
    const { clock, dispatcher, memberships, want } = await watching();
    for (let at = 0; at < 5_000; at++) want(`video:${at}`);
    await clock.advance(1_000);
    expect(dispatcher.changes.flatMap(({ join }) => join)).toHaveLength(5_000);
    for (const { join } of dispatcher.changes) {
      expect(join.length).toBeLessThanOrEqual(MAX_CHANNELS_PER_REQUEST);
    }
    memberships.close();
  });

  it('fits into one message, whatever the channels are called', () => {
    const name = MAX_CHANNEL_LENGTH + '"",'.length;
    expect(2 * MAX_CHANNELS_PER_REQUEST * name).toBeLessThan(MAX_MESSAGE_BYTES / 2);
  });

  it('is joined again where an answer left its state out, and after a while if all were', async () => {
    const { clock, dispatcher, held, memberships, sent, want } = await watching();
    dispatcher.states.set('video:1', { 'dc1.1': counted(1) });
    dispatcher.states.set('video:2', { 'dc1.1': counted(2) });
    dispatcher.left.add('video:2');
    want('video:1');
    want('video:2');
    await sent();
    await sent();
    expect(dispatcher.asked).toEqual(['+video:1 +video:2', '+video:2']);
    dispatcher.left.clear();
    await clock.advance(RETRY_MS);
    expect(dispatcher.asked).toEqual(['+video:1 +video:2', '+video:2', '+video:2']);
    expect(held.get('video:2')).toEqual({ 'dc1.1': counted(2) });
    memberships.close();
  });
});

describe('a channel without viewers', () => {
  it('is kept for a while: they may be on their way back', async () => {
    const { clock, dispatcher, held, memberships, sent, want } = await watching();
    want('video:1');
    await sent();
    memberships.unwant('video:1');
    await clock.advance(LINGER_MS - 1);
    want('video:1');
    await clock.advance(10 * LINGER_MS);
    expect(held.has('video:1')).toBe(true);
    expect(dispatcher.asked).toEqual(['+video:1']);
    memberships.close();
  });

  it('is left after that, and joined anew when they come later', async () => {
    const { clock, dispatcher, held, memberships, sent, want } = await watching();
    want('video:1');
    await sent();
    memberships.unwant('video:1');
    await clock.advance(LINGER_MS);
    expect(held.has('video:1')).toBe(false);
    want('video:1');
    await sent();
    expect(dispatcher.asked).toEqual(['+video:1', '-video:1', '+video:1']);
    memberships.close();
  });

  it('that is wanted again while its leaving fails is not left', async () => {
    const { clock, dispatcher, memberships, sent, want } = await watching();
    want('video:1');
    await sent();
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
    const { clock, dispatcher, held, memberships, sent, want } = await watching();
    for (let at = 0; at < 300; at++) want(`video:${at}`);
    await sent();
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
});

describe('joining unequal buckets again', () => {
  it('joins whole buckets again in requests of a bounded size', async () => {
    const { clock, dispatcher, held, memberships, want } = await watching();
    for (let at = 0; at < 5_000; at++) want(`video:${at}`);
    await clock.advance(1_000);
    dispatcher.changes.length = 0;
    dispatcher.unequal = Array.from({ length: DIGEST_BUCKETS }, (_, bucket) => bucket);
    await clock.advance(RENEW_MS - 1_000);
    dispatcher.unequal = [];
    await clock.advance(1_000);
    const buckets = dispatcher.changes.flatMap((change) => change.buckets);
    expect(buckets).toHaveLength(DIGEST_BUCKETS);
    expect(dispatcher.changes.flatMap(({ join }) => join).sort()).toEqual([...held.keys()].sort());
    for (const change of dispatcher.changes) {
      expect(change.join.length).toBeLessThanOrEqual(MAX_CHANNELS_PER_REQUEST);
      const named = new Set(change.buckets);
      expect(change.join.every((channel) => named.has(bucketOf(channel)))).toBe(true);
    }
    memberships.close();
  });

  it('joins the rest of a bucket that is too large for one request after it', async () => {
    const { clock, dispatcher, held, memberships } = await watching();
    for (let at = 0; held.size < MAX_CHANNELS_PER_REQUEST + 5; at++) {
      if (bucketOf(`video:${at}`) === 3) held.set(`video:${at}`, {});
    }
    dispatcher.unequal = [3];
    await clock.advance(RENEW_MS);
    dispatcher.unequal = [];
    await clock.advance(100);
    expect(dispatcher.changes.map(({ buckets, join }) => [buckets, join.length])).toEqual([
      [[3], MAX_CHANNELS_PER_REQUEST],
      [[], 5],
    ]);
    memberships.close();
  });

  it('joins a bucket that changed meanwhile only if it is unequal once more', async () => {
    const { clock, dispatcher, held, memberships, sent, want } = await watching();
    want('video:1');
    await sent();
    dispatcher.changes.length = 0;
    const bucket = bucketOf('video:1');
    const renew = dispatcher.renew.bind(dispatcher);
    let likes = 0;
    dispatcher.renew = async (renewal) => {
      likes += 1;
      held.set('video:1', { 'dc1.1': counted(likes) });
      return renew(renewal);
    };
    dispatcher.unequal = [bucket];
    await clock.advance(RENEW_MS);
    expect(dispatcher.changes).toEqual([]);
    await clock.advance(RENEW_MS);
    expect(dispatcher.changes).toMatchObject([{ buckets: [bucket], join: ['video:1'] }]);
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
    const { clock, dispatcher, memberships, sent, want } = await watching();
    want('video:1');
    await sent();
    memberships.unwant('video:1');
    memberships.close();
    await clock.advance(60_000);
    expect([dispatcher.renewals.length, dispatcher.asked]).toEqual([1, ['+video:1']]);
  });

  it('does nothing after it was closed while a request failed', async () => {
    const { clock, dispatcher, memberships, sent, want } = await watching();
    const answered = deferred();
    dispatcher.until = answered.promise;
    want('video:1');
    await sent();
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
