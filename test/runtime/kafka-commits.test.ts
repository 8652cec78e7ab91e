import { KafkaCommits } from '../../runtime/kafka-commits';
import { FakeConsumer } from './fake-consumer';

const PLACE = { topic: 'likes', partition: 3, offset: '7' };

function use() {
  const consumer = new FakeConsumer();
  return { consumer, commits: new KafkaCommits(consumer.asConsumer) };
}

test('resolves once Kafka has accepted a commit', async () => {
  const { commits, consumer } = use();
  consumer.isRunning = true;
  await commits.commit([PLACE, { ...PLACE, partition: 4 }]);
  expect(consumer.committed).toHaveLength(2);
});

test('rejects while the consumer does not run, although kafkajs resolves', async () => {
  const { commits } = use();
  await expect(commits.commit([PLACE])).rejects.toMatchObject({ code: 'log_unavailable' });
});

test('counts a commit of the same position only for one of two calls', async () => {
  const { commits, consumer } = use();
  consumer.isRunning = true;
  const first = commits.commit([PLACE]);
  consumer.isRunning = false;
  const second = commits.commit([PLACE]);
  await expect(second).rejects.toMatchObject({ code: 'log_unavailable' });
  await first;
});

test('rejects with Kafka’s reason', async () => {
  const { commits, consumer } = use();
  consumer.commitOffsets = () => Promise.reject(new Error('The coordinator is not aware of it'));
  await expect(commits.commit([PLACE])).rejects.toMatchObject({
    code: 'log_unavailable',
    detail: 'The coordinator is not aware of it',
  });
});
