import { KafkaCommits } from '../../../../adapters/kafka/positions/commits';
import { settled } from '../../../fixtures/deferred';
import { FakeConsumer } from '../fake-consumer';

const PLACE = { topic: 'likes', partition: 3, offset: '7' };

/** Makes Kafka answer each request only once the test calls its answer. */
function slow(consumer: FakeConsumer) {
  const commitNow = consumer.commitOffsets.bind(consumer);
  const requests: object[][] = [];
  const answers: (() => void)[] = [];
  consumer.isRunning = true;
  consumer.commitOffsets = async (places) => {
    requests.push(places);
    await new Promise<void>((resolve) => answers.push(resolve));
    await commitNow(places);
  };
  return { answers, requests };
}

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

test('sends positions that arrive during a request in the next one', async () => {
  const { commits, consumer } = use();
  const { answers, requests } = slow(consumer);
  const first = commits.commit([PLACE]);
  await settled();
  const others = [4, 5, 6].map((partition) => commits.commit([{ ...PLACE, partition }]));
  const newer = commits.commit([{ ...PLACE, offset: '8' }]);
  await settled();
  expect(requests).toHaveLength(1);
  answers.shift()?.();
  await first;
  await settled();
  expect(requests[1]).toHaveLength(4);
  answers.shift()?.();
  await Promise.all([...others, newer]);
  expect(requests).toHaveLength(2);
});

test('does not send the position of a partition that was lost while it waited', async () => {
  const { commits, consumer } = use();
  const { answers, requests } = slow(consumer);
  const first = commits.commit([PLACE]);
  await settled();
  let isOwned = true;
  const lost = commits.commit([{ ...PLACE, partition: 4 }], () => isOwned);
  const kept = commits.commit([{ ...PLACE, partition: 5 }], () => true);
  isOwned = false;
  answers.shift()?.();
  await first;
  await settled();
  answers.shift()?.();
  await kept;
  const detail = 'the commit was not sent: this member no longer owns the partition';
  await expect(lost).rejects.toMatchObject({ code: 'log_unavailable', detail });
  expect(requests[1]).toEqual([{ ...PLACE, partition: 5 }]);
});

test('rejects all positions of a request that failed, and sends the next ones', async () => {
  const { commits, consumer } = use();
  const { answers } = slow(consumer);
  const failed = [4, 5].map((partition) => commits.commit([{ ...PLACE, partition }]));
  await settled();
  consumer.isRunning = false;
  answers.shift()?.();
  for (const each of failed) await expect(each).rejects.toMatchObject({ code: 'log_unavailable' });
  consumer.isRunning = true;
  const next = commits.commit([PLACE]);
  await settled();
  answers.shift()?.();
  await next;
});

test('rejects with Kafka’s reason', async () => {
  const { commits, consumer } = use();
  consumer.commitOffsets = () => Promise.reject(new Error('The coordinator is not aware of it'));
  await expect(commits.commit([PLACE])).rejects.toMatchObject({
    code: 'log_unavailable',
    detail: 'The coordinator is not aware of it',
  });
});
