import { MAX_CHANNELS_PER_REQUEST } from '../../frontends/request-size';
import { bucketOf, DIGEST_BUCKETS, digestOf, RENEW_MS } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import { likesIn, watching } from './fake-dispatcher';
import { counted } from './parts';

describe('renewing', () => {
  it('repeats, with the digest of the held channels', async () => {
    const { clock, dispatcher, memberships, watch } = await watching();
    dispatcher.states.set('video:1', likesIn({ 'dc1.1': counted(3) }));
    watch('video:1');
    await clock.advance(RENEW_MS * 3);
    expect(dispatcher.renewals).toHaveLength(4);
    const digest = digestOf([['video:1', likesIn({ 'dc1.1': counted(3) })]]);
    expect(dispatcher.renewals.at(-1)?.digest).toEqual(digest);
    memberships.close();
  });

  it('joins all channels of an unequal bucket again, and applies newer states', async () => {
    const { clock, dispatcher, held, memberships, sent, watch } = await watching();
    for (let at = 0; at < 300; at++) watch(`video:${at}`);
    await sent();
    dispatcher.changes.length = 0;
    dispatcher.states.set('video:7', likesIn({ 'dc1.1': counted(9) }));
    dispatcher.unequal = [bucketOf('video:7')];
    await clock.advance(RENEW_MS);
    const ofBucket = [...held.keys()].filter((name) => bucketOf(name) === bucketOf('video:7'));
    expect(dispatcher.changes).toHaveLength(1);
    expect(dispatcher.changes[0]?.buckets).toEqual([bucketOf('video:7')]);
    expect([...(dispatcher.changes[0]?.join ?? [])].sort()).toEqual(ofBucket.sort());
    expect(held.get('video:7')).toEqual(likesIn({ 'dc1.1': counted(9) }));
    memberships.close();
  });

  it('sends the bucket of a channel that is not held, so the dispatcher drops it', async () => {
    const { clock, dispatcher, memberships } = await watching();
    dispatcher.unequal = [5];
    await clock.advance(RENEW_MS);
    expect(dispatcher.changes).toMatchObject([{ join: [], leave: [], buckets: [5] }]);
    memberships.close();
  });
});

describe('joining unequal buckets again', () => {
  it('joins whole buckets again in requests of a bounded size', async () => {
    const { clock, dispatcher, held, memberships, watch } = await watching();
    for (let at = 0; at < 5_000; at++) watch(`video:${at}`);
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

  it('joins the rest of a bucket that is too large for one request with the next one', async () => {
    const { clock, dispatcher, held, memberships } = await watching();
    for (let at = 0; held.size < MAX_CHANNELS_PER_REQUEST + 5; at++) {
      if (bucketOf(`video:${at}`) === 3) held.set(`video:${at}`, {});
    }
    dispatcher.unequal = [3];
    await clock.advance(RENEW_MS);
    dispatcher.unequal = [];
    await clock.advance(100);
    expect(dispatcher.changes.map(({ buckets, join }) => [buckets, join.length])).toEqual([
      [[3], 100],
      [[], 200],
      [[], MAX_CHANNELS_PER_REQUEST + 5 - 300],
    ]);
    memberships.close();
  });

  it('joins a bucket that changed in the meantime only if it is unequal again', async () => {
    const { clock, dispatcher, held, memberships, sent, watch } = await watching();
    watch('video:1');
    await sent();
    dispatcher.changes.length = 0;
    const bucket = bucketOf('video:1');
    const renew = dispatcher.renew.bind(dispatcher);
    let likes = 0;
    dispatcher.renew = async (renewal) => {
      likes += 1;
      held.set('video:1', likesIn({ 'dc1.1': counted(likes) }));
      return renew(renewal);
    };
    dispatcher.unequal = [bucket];
    await clock.advance(RENEW_MS);
    expect(dispatcher.changes).toEqual([]);
    await clock.advance(RENEW_MS);
    expect(dispatcher.changes).toMatchObject([{ buckets: [bucket], join: ['video:1'] }]);
    memberships.close();
  });

  it('repeats the join of an unequal bucket after a failure', async () => {
    const { clock, dispatcher, memberships } = await watching();
    dispatcher.unequal = [3];
    await clock.advance(RENEW_MS - 1);
    const change = dispatcher.change.bind(dispatcher);
    let fails = true;
    dispatcher.change = async (membership) => {
      if (fails) throw new LikestreamError('peer_unavailable');
      return change(membership);
    };
    await clock.advance(1);
    fails = false;
    dispatcher.unequal = [];
    await clock.advance(1_000);
    expect(dispatcher.changes).toMatchObject([{ buckets: [3] }]);
    memberships.close();
  });
});

describe('renewing while no dispatcher answers', () => {
  it('continues after a dispatcher was unavailable, and joins unequal buckets then', async () => {
    const { clock, dispatcher, failures, memberships } = await watching();
    dispatcher.isUnavailable = true;
    await clock.advance(RENEW_MS * 2);
    expect(new Set(failures)).toEqual(new Set(['renew']));
    dispatcher.isUnavailable = false;
    dispatcher.unequal = [3];
    await clock.advance(RENEW_MS);
    expect(dispatcher.changes[0]).toMatchObject({ buckets: [3] });
    memberships.close();
  });

  it('repeats a failed renewal soon, because it needs a lease to be found', async () => {
    const { clock, dispatcher, failures, memberships } = await watching();
    dispatcher.isUnavailable = true;
    await clock.advance(RENEW_MS);
    dispatcher.isUnavailable = false;
    const before = dispatcher.renewals.length;
    await clock.advance(RENEW_MS / 2);
    expect(failures).toEqual(['renew']);
    expect(dispatcher.renewals.length).toBe(before + 1);
    memberships.close();
  });
});
