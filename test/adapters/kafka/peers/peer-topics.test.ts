import { deferred } from '../../../fixtures/deferred';
import { batchOf, metadata, ROUND_MS, TOPIC, use } from './peer-topics-parts';

describe('the position in a mirrored topic', () => {
  it('is committed a round after its records were consumed, then each fourth round', async () => {
    const { clock, consumer, load, peers } = use([], { low: 0, high: 20 });
    await load(3);
    await load(5);
    for (const [partition, last] of [
      [3, 16],
      [3, 17],
      [5, 0],
    ] as const) {
      peers.consumed(batchOf(partition, [last]));
    }
    await clock.advance(ROUND_MS);
    expect(consumer.committed.map(({ offset }) => offset)).toEqual(['0', '0']);
    consumer.committed.length = 0;
    await clock.advance(ROUND_MS);
    expect(consumer.committed).toEqual([
      { topic: TOPIC, partition: 3, offset: '18', metadata: metadata(18, 0) },
      { topic: TOPIC, partition: 5, offset: '1', metadata: metadata(1, 0) },
    ]);
    consumer.committed.length = 0;
    await clock.advance(ROUND_MS);
    expect(consumer.committed).toEqual([]);
    await clock.advance(ROUND_MS);
    expect(consumer.committed.map(({ offset }) => offset)).toEqual(['18', '1']);
    peers.stop();
  });

  it('is the beginning of a new owner, which reads again up to `done`', async () => {
    const saved = { partition: 3, offset: '18', metadata: metadata(18, 7) };
    const { lines, load, peers } = use([saved], { low: 0, high: 20 });
    const { lookUpUntil, places } = await load(3);
    expect(places).toEqual([{ topic: TOPIC, partition: 3, offset: '7' }]);
    expect(lookUpUntil).toBeUndefined();
    const batch = batchOf(3, [16, 17, 18]);
    expect(peers.isSameTopic(batch)).toBe(true);
    expect(peers.updatesIn(batch).map(({ isReplay }) => isReplay)).toEqual([true, true, false]);
    expect(lines).toEqual([]);
    peers.stop();
  });

  it('before the beginning of the topic means the beginning', async () => {
    const saved = { partition: 3, offset: '18', metadata: metadata(18, 7) };
    const { lines, load, peers } = use([saved], { low: 12, high: 20 });
    expect((await load(3)).places).toEqual([{ topic: TOPIC, partition: 3, offset: '12' }]);
    expect(lines).toEqual([]);
    peers.stop();
  });

  it('has the time until which all ids are looked up', async () => {
    const text = JSON.stringify({ from: 0, lookUpUntil: 99 });
    const { load, peers } = use([{ partition: 3, offset: '1', metadata: text }], {
      low: 0,
      high: 2,
    });
    expect(await load(3)).toMatchObject({ lookUpUntil: 99 });
    peers.stop();
  });
});

describe('a position of a mirrored topic', () => {
  const saved = { partition: 3, offset: '18', metadata: metadata(18, 7) };

  it('is not committed by a member that lost the partition while it loaded it', async () => {
    const { asked, clock, consumer, load, peers } = use([saved], { low: 0, high: 20 });
    const { promise, resolve } = deferred<void>();
    asked.until = promise;
    let isOwned = true;
    const loading = load(3, () => isOwned);
    isOwned = false;
    resolve();
    await loading;
    await clock.advance(2 * ROUND_MS);
    expect(consumer.committed).toEqual([]);
    peers.stop();
  });
});

describe('updates with likes that wait to be cancelled', () => {
  it('hold the committed position until the likes are cancelled', async () => {
    const { clock, consumer, load, owner, peers } = use([], { low: 0, high: 20 });
    await load(3);
    await clock.advance(ROUND_MS);
    owner.isPending = true;
    peers.consumed(batchOf(3, [16, 17]));
    await clock.advance(4 * ROUND_MS);
    expect(consumer.committed.map(({ offset }) => offset)).toEqual(['0']);
    owner.isPending = false;
    await clock.advance(2 * ROUND_MS);
    expect(consumer.committed.map(({ offset }) => offset)).toEqual(['0', '18']);
    peers.stop();
  });
});
