import fc from 'fast-check';
import '../fixtures/same-runs';
import { type Directory, ownChannel, type StateCache } from '../../dispatchers/directory';
import { bucketOf, DIGEST_BUCKETS, digestOf, type Worker } from '../../schemas/delivery';
import { mergeVectors, type OriginState, type Vector } from '../../schemas/state';
import { vectors } from '../schemas/arbitraries';
import { freshChannel, freshId, type Time } from './time';

export interface DirectoryPart {
  readonly directory: Directory;
  /** The cache whose states the digests are made of. */
  readonly cache: StateCache;
  /** How long a lease lasts that is not renewed. */
  readonly leaseMs: number;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

function freshWorker(): Worker {
  const id = freshId('worker');
  return { id, url: `http://127.0.0.1:1/${id}` };
}

type Use = () => ReturnType<typeof asTests>;

/** The directory as tests use it. */
function asTests({ cache, directory, leaseMs, time }: DirectoryPart) {
  const renew = (worker: Worker) => time.finish(directory.renew(worker));
  const change = ({ id }: Worker, join: string[], leave: string[] = [], buckets?: number[]) =>
    time.finish(directory.change(id, join, leave, buckets));
  return {
    leaseMs,
    time,
    renew,
    change,
    put: (channel: string, vector: Vector) => time.finish(cache.put(new Map([[channel, vector]]))),
    digest: async ({ id }: Worker) => [...(await time.finish(directory.digest(id, 0)))],
    async watching(...channels: string[]) {
      const found = await time.finish(directory.watching(channels));
      return found.map((workers) => [...workers].sort((a, b) => (a.id < b.id ? -1 : 1)));
    },
    async lease(...join: string[]) {
      const worker = freshWorker();
      await renew(worker);
      await change(worker, join);
      return worker;
    },
  };
}

/** What any directory of who watches what has to do. */
export function describeDirectoryContract(name: string, open: () => Promise<DirectoryPart>): void {
  describe(`the directory: ${name}`, () => {
    let part: DirectoryPart;
    beforeAll(async () => {
      part = await open();
    });
    afterAll(() => part.close());

    const use: Use = () => asTests(part);
    describeWatching(use);
    describeDigests(use);
    describeWholeBuckets(use);
    describeLeases(use);
  });
}

function describeWatching(use: Use): void {
  it('names the workers that watch each channel, in the order asked', async () => {
    const { watching, lease } = use();
    const [both, one, none] = [freshChannel(), freshChannel(), freshChannel()];
    const ann = await lease(both, one);
    const bob = await lease(both);
    const sorted = [ann, bob].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(await watching(none, one, both)).toEqual([[], [ann], sorted]);
    expect(await watching(both, none)).toEqual([sorted, []]);
    expect(await watching()).toEqual([]);
  });

  it('names a worker no more once it has left the channel', async () => {
    const { change, digest, watching, lease } = use();
    const [left, kept] = [freshChannel(), freshChannel()];
    const worker = await lease(left, kept);
    await change(worker, [], [left]);
    expect(await watching(left, kept)).toEqual([[], [worker]]);
    expect(await digest(worker)).toEqual(digestOf([[kept, {}]]));
  });

  it('has the same change again make no difference', async () => {
    const { change, watching, lease } = use();
    const channel = freshChannel();
    const worker = await lease(channel);
    await change(worker, [channel, channel]);
    expect(await watching(channel)).toEqual([[worker]]);
    await change(worker, [], [channel]);
    await change(worker, [], [channel, freshChannel()]);
    expect(await watching(channel)).toEqual([[]]);
  });

  it('names a worker without a lease to nobody, until it has one', async () => {
    const { renew, change, watching } = use();
    const channel = freshChannel();
    const worker = freshWorker();
    await change(worker, [channel]);
    expect(await watching(channel)).toEqual([[]]);
    await renew(worker);
    await change(worker, [channel]);
    expect(await watching(channel)).toEqual([[worker]]);
  });

  it('names a worker under its own channel while it has a lease', async () => {
    const { watching, lease } = use();
    const worker = await lease();
    expect(await watching(ownChannel(worker.id), ownChannel(freshId('worker')))).toEqual([
      [worker],
      [],
    ]);
  });

  it('takes many channels at once', async () => {
    const { digest, watching, lease } = use();
    const channels = Array.from({ length: 2_000 }, () => freshChannel());
    const worker = await lease(...channels);
    expect(await digest(worker)).toEqual(digestOf(channels.map((channel) => [channel, {}])));
    const found = await watching(...channels);
    expect(found.every(([only]) => only?.id === worker.id)).toBe(true);
  });
}

function at(version: number): OriginState {
  return { version, counts: { like: version } };
}

function describeDigests(use: Use): void {
  it('has a digest of zeros for a worker that watches nothing', async () => {
    const { digest } = use();
    expect(await digest(freshWorker())).toEqual(new Array(DIGEST_BUCKETS).fill(0));
  });

  it('has each channel in the digest with its newest version, whenever that was cached', async () => {
    const { digest, put, lease } = use();
    const [before, after, never] = [freshChannel(), freshChannel(), freshChannel()];
    await put(before, { 'dc1.1': at(3), 'dc2.1': at(0) });
    const worker = await lease(before, after, never);
    await put(after, { 'dc1.1': at(7) });
    await put(after, { 'dc1.1': at(5) });
    await put(before, { 'dc2.1': at(2) });
    expect(await digest(worker)).toEqual(
      digestOf([
        [before, { 'dc1.1': at(3), 'dc2.1': at(2) }],
        [after, { 'dc1.1': at(7) }],
        [never, {}],
      ]),
    );
  });

  it('moves the digest of each worker that watches the channel, and of no other', async () => {
    const { change, digest, put, lease } = use();
    const [channel, other] = [freshChannel(), freshChannel()];
    const [ann, bob, eve] = [await lease(channel), await lease(channel, other), await lease(other)];
    await put(channel, { 'dc1.1': at(1) });
    await change(bob, [], [channel]);
    await put(channel, { 'dc1.1': at(2) });
    expect(await digest(ann)).toEqual(digestOf([[channel, { 'dc1.1': at(2) }]]));
    expect(await digest(bob)).toEqual(digestOf([[other, {}]]));
    expect(await digest(eve)).toEqual(digestOf([[other, {}]]));
  });

  it('has the digest of what is held after any joins, leaves, puts and losses', async () => {
    const { change, digest, put } = use();
    const places = fc.nat({ max: 7 });
    const step = fc.oneof(
      fc.record({ does: fc.constant('join' as const), places: fc.array(places) }),
      fc.record({ does: fc.constant('leave' as const), places: fc.array(places) }),
      fc.record({ does: fc.constant('mend' as const), places: fc.array(places) }),
      fc.record({ does: fc.constant('put' as const), places: fc.array(places), vector: vectors }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const names = Array.from({ length: 8 }, () => freshChannel());
        const worker = freshWorker();
        const cached = new Map<string, Vector>();
        let held = new Set<string>();
        for (const one of steps) {
          const channels = one.places.map((place) => names[place] ?? '');
          if (one.does === 'put') {
            for (const channel of channels) {
              await put(channel, one.vector);
              cached.set(channel, mergeVectors(cached.get(channel) ?? {}, one.vector));
            }
          } else if (one.does === 'mend') {
            await change(worker, channels, [], [...new Set(names.map(bucketOf))]);
            held = new Set(channels);
          } else {
            const isJoin = one.does === 'join';
            await change(worker, isJoin ? channels : [], isJoin ? [] : channels);
            for (const channel of channels) isJoin ? held.add(channel) : held.delete(channel);
          }
        }
        const expected = [...held].map((channel) => [channel, cached.get(channel) ?? {}] as const);
        expect(await digest(worker)).toEqual(digestOf(expected));
      }),
      { numRuns: 60 },
    );
  });
}

function describeWholeBuckets(use: Use): void {
  it('drops what is watched in a bucket beyond what is joined of it', async () => {
    const { change, digest, watching, lease } = use();
    const [kept, surplus] = [freshChannel(), freshChannel()];
    const worker = await lease(kept, surplus);
    await change(worker, [kept], [], [...new Set([bucketOf(kept), bucketOf(surplus)])]);
    expect(await watching(kept, surplus)).toEqual([[worker], []]);
    expect(await digest(worker)).toEqual(digestOf([[kept, {}]]));
  });

  it('drops nothing of other buckets, nor of other workers', async () => {
    const { change, watching, lease } = use();
    const channel = freshChannel();
    const [ann, bob] = [await lease(channel), await lease(channel)];
    const all = Array.from({ length: DIGEST_BUCKETS }, (_, bucket) => bucket);
    await change(
      ann,
      [],
      [],
      all.filter((bucket) => bucket !== bucketOf(channel)),
    );
    await change(bob, [], [], [bucketOf(channel), DIGEST_BUCKETS, 1e9]);
    expect(await watching(channel)).toEqual([[ann]]);
  });
}

function describeLeases(use: Use): void {
  it('lets a lease end that is not renewed, and keeps one that is', async () => {
    const { leaseMs, time, renew, digest, watching, lease } = use();
    const channel = freshChannel();
    const kept = await lease(channel);
    const ended = await lease(channel);
    for (let passed = 0; passed < leaseMs * 1.5; passed += leaseMs / 4) {
      await renew(kept);
      await time.pass(leaseMs / 4);
    }
    expect(await watching(channel)).toEqual([[kept]]);
    expect(await digest(kept)).toEqual(digestOf([[channel, {}]]));
    expect(ended.id).not.toBe(kept.id);
  });

  it('names a worker again that comes back and says what it watches', async () => {
    const { leaseMs, time, renew, change, watching, lease } = use();
    const channel = freshChannel();
    const worker = await lease(channel);
    await time.pass(leaseMs * 1.5);
    expect(await watching(channel)).toEqual([[]]);
    await renew(worker);
    await change(worker, [channel]);
    expect(await watching(channel)).toEqual([[worker]]);
  });

  it('names a worker at the address that it gave last', async () => {
    const { renew, watching, lease } = use();
    const channel = freshChannel();
    const worker = await lease(channel);
    const moved = { ...worker, url: 'http://127.0.0.1:2' };
    await renew(moved);
    expect(await watching(channel)).toEqual([[moved]]);
  });
}

export interface CachePart {
  readonly cache: StateCache;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

/** What any cache of states has to do. */
export function describeCacheContract(name: string, open: () => Promise<CachePart>): void {
  describe(`the cache of states: ${name}`, () => {
    let part: CachePart;
    let channel: string;
    beforeAll(async () => {
      part = await open();
    });
    beforeEach(() => {
      channel = freshChannel();
    });
    afterAll(() => part.close());

    const put = (vector: Record<string, OriginState>, name = channel) =>
      part.time.finish(part.cache.put(new Map([[name, vector]])));
    const get = async () => (await part.time.finish(part.cache.get([channel]))).get(channel);

    it('gives what was put there, and nothing of other channels', async () => {
      await put({ 'dc1.1': at(3), 'dc2.1': at(0) });
      const found = await part.time.finish(part.cache.get([freshChannel(), channel]));
      expect([...found]).toEqual([[channel, { 'dc1.1': at(3), 'dc2.1': at(0) }]]);
      expect((await part.time.finish(part.cache.get([]))).size).toBe(0);
    });

    it('keeps the newest of each origin, in whichever order they come', async () => {
      await put({ 'dc1.1': at(3), 'dc2.1': at(9) });
      await put({ 'dc1.1': at(5), 'dc2.1': at(7), 'dc3.1': at(0) });
      expect(await get()).toEqual({ 'dc1.1': at(5), 'dc2.1': at(9), 'dc3.1': at(0) });
      await put({ 'dc1.1': at(4) });
      expect(await get()).toEqual({ 'dc1.1': at(5), 'dc2.1': at(9), 'dc3.1': at(0) });
    });

    it('keeps the newest when they come at the same moment', async () => {
      await part.time.finish(
        Promise.all([6, 8, 7].map((version) => put({ 'dc1.1': at(version) }))),
      );
      expect(await get()).toEqual({ 'dc1.1': at(8) });
    });

    it('takes many channels at once', async () => {
      const many = Array.from({ length: 1_000 }, () => freshChannel());
      await part.time.finish(
        part.cache.put(new Map(many.map((name, version) => [name, { 'dc1.1': at(version) }]))),
      );
      const found = await part.time.finish(part.cache.get(many));
      expect(found.size).toBe(1_000);
      expect(found.get(many[7] ?? '')).toEqual({ 'dc1.1': at(7) });
    });
  });
}
