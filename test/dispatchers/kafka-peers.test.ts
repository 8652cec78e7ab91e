import type { Admin, Batch } from 'kafkajs';
import { KafkaPeers } from '../../dispatchers/kafka-peers';
import { FakeConsumer } from '../runtime/fake-consumer';
import { VirtualClock } from '../simulation/virtual-clock';

const ROUND_MS = 5_000;

/** As kafkajs's: what it can tell stands in its prototype. */
class ReadBatch {
  readonly topic = 'dc2.updates';
  readonly messages = [];

  constructor(
    readonly partition: number,
    private readonly last: number,
  ) {}

  lastOffset(): string {
    return String(this.last);
  }
}

test('commits where it has read to, a round after it was handed on', async () => {
  const clock = new VirtualClock();
  const consumer = new FakeConsumer();
  consumer.isRunning = true;
  const commitOffsets = jest.spyOn(consumer, 'commitOffsets');
  const peers = new KafkaPeers({
    consumer: consumer.asConsumer,
    admin: {} as Admin,
    groupId: 'group',
    topics: ['dc2.updates'],
    windowMs: 120_000,
    clock,
    failed: (doing, error) => {
      throw new Error(doing, { cause: error });
    },
  });
  peers.start();
  for (const [partition, last] of [
    [3, 16],
    [3, 17],
    [5, 0],
  ] as const) {
    peers.done(new ReadBatch(partition, last) as unknown as Batch);
  }
  await clock.advance(ROUND_MS);
  expect(commitOffsets).not.toHaveBeenCalled();
  await clock.advance(ROUND_MS);
  expect(commitOffsets.mock.calls).toEqual([
    [
      [
        { topic: 'dc2.updates', partition: 3, offset: '18' },
        { topic: 'dc2.updates', partition: 5, offset: '1' },
      ],
    ],
  ]);
  peers.stop();
});
