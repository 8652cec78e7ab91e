import { encodePeerUpdate } from '../../../../schemas/peer-update';
import { markAt, PEER_TOPIC, recordAt, TOPIC, use } from '../fake-group';

/** The update at an offset of the mirrored topic. */
function updateAt(offset: number) {
  const vector = { 'dc2.1': { version: offset, state: { like: 1 } } };
  return { offset, value: encodePeerUpdate({ vector, t: 1 }, 'dc2.1') ?? '' };
}

describe('a partition that a member keeps in a rebalance', () => {
  // kafkajs reads on from the log's end then, if the group has no position of the partition.
  it('is read on from the next unread record, although nothing is committed yet', async () => {
    const { consumer, owner } = await use((kafka) => kafka.logHas(0, 3));
    consumer.takeUpSeeks();
    await consumer.feed(TOPIC, 0, [recordAt(0), recordAt(1)]);
    consumer.seeks.length = 0;
    consumer.rejoin({ [TOPIC]: [0] });
    expect(consumer.seeks).toEqual([{ topic: TOPIC, partition: 0, offset: '2' }]);
    consumer.takeUpSeeks();
    await consumer.feed(TOPIC, 0, [recordAt(2)]);
    expect(owner.received.map(({ offset }) => offset)).toEqual([0, 1, 2]);
  });

  it('is read from its beginning if nothing was read yet', async () => {
    const { consumer } = await use((kafka) => kafka.logHas(0, 3));
    consumer.seeks.length = 0;
    consumer.rejoin({ [TOPIC]: [0] });
    expect(consumer.seeks).toEqual([{ topic: TOPIC, partition: 0, offset: '0' }]);
  });

  it('is read from the marked record if that is not verified yet', async () => {
    const { consumer } = await use((kafka) => {
      kafka.commit(2, { from: 2, mark: markAt(1) });
      kafka.logHas(0, 3);
    });
    consumer.seeks.length = 0;
    consumer.rejoin({ [TOPIC]: [0] });
    expect(consumer.seeks).toEqual([{ topic: TOPIC, partition: 0, offset: '1' }]);
  });

  it('is read on in the mirrored topics as well', async () => {
    const { consumer, owner } = await use((kafka) => kafka.logHas(0, 9), { hasPeers: true });
    const both = { [TOPIC]: [0], [PEER_TOPIC]: [0] };
    expect(consumer.seeks).toHaveLength(2);
    consumer.takeUpSeeks();
    await consumer.feed(PEER_TOPIC, 0, [0, 1, 2].map(updateAt));
    expect(owner.updates.map(({ channel, type }) => [channel, type])).toEqual(
      [0, 1, 2].map(() => ['video:a', 'likes']),
    );
    consumer.seeks.length = 0;
    consumer.rejoin(both);
    expect(consumer.seeks).toEqual([
      { topic: TOPIC, partition: 0, offset: '0' },
      { topic: PEER_TOPIC, partition: 0, offset: '3' },
    ]);
  });

  it('is left to another member without a seek if that owns it now', async () => {
    const { consumer, owner } = await use(undefined, { hasPeers: true });
    consumer.seeks.length = 0;
    consumer.rejoin({});
    expect(consumer.seeks).toEqual([]);
    expect(owner.positions.size).toBe(0);
  });
});

it('the positions and ends of all assigned partitions are read in one request each', async () => {
  const partitions = Array.from({ length: 24 }, (_, at) => at);
  const { admin, consumer, owner } = await use(undefined, { partitions, hasPeers: true });
  expect([...owner.positions.keys()]).toEqual(partitions);
  expect(consumer.seeks).toHaveLength(2 * partitions.length);
  expect(admin.loads).toEqual([[TOPIC], [PEER_TOPIC]]);
  expect(admin.asked).toBe(2);
});
