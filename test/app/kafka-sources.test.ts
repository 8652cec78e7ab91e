import type { Admin, ConsumerConfig } from 'kafkajs';
import { KafkaSources } from '../../app/kafka-sources';
import { openLog } from '../../runtime/log-lines';
import { readSettings } from '../../runtime/settings/settings';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { Names } from '../../schemas/names';
import { FakeConsumer } from '../adapters/kafka/fake-consumer';
import { RecordingConsumer } from '../contract/recording-consumer';

const votes = { ...likes, name: 'votes' };

function use() {
  const consumers = new Map<string, FakeConsumer>();
  const unavailable = new Set<string>();
  const names = new Names();
  const sources = new KafkaSources({
    kafka: {
      consumer({ groupId }: ConsumerConfig) {
        const consumer = new FakeConsumer();
        consumers.set(groupId, consumer);
        return consumer.asConsumer;
      },
    },
    admin: {} as unknown as Admin,
    quorum: { end: async () => 0 },
    identity: { check: async () => undefined },
    generation: {
      origin: 'dc1.1',
      topicOf: (log) => names.topic(log, 1),
      peerTopicsOf: () => [],
    },
    context: {
      ...{ names, unavailable, types: new EventTypes([likes, votes]) },
      ...{ settings: readSettings({}), log: openLog('silent', 'test') },
      failed: () => undefined,
      fatal: (error) => {
        throw error;
      },
    },
  });
  return { consumers, sources, unavailable };
}

test('each event type has its own consumer group, and one source', () => {
  const { consumers, sources } = use();
  const source = sources.of(likes);
  expect(sources.of(votes)).not.toBe(source);
  expect(sources.of(likes)).toBe(source);
  expect([...consumers.keys()]).toEqual(['likestream.dc1.1.likes', 'likestream.dc1.1.votes']);
  expect(sources.lag).toBe(0);
});

test('a process with sources is ready once it has joined the groups of all of them', async () => {
  const { consumers, sources, unavailable } = use();
  const all = [sources.of(likes), sources.of(votes)];
  // Before any of them has started.
  expect([...unavailable]).toEqual(['group']);
  const [first, second] = [...consumers.values()];
  await all[0]?.start(new RecordingConsumer());
  first?.join('likestream.likes', []);
  expect([...unavailable]).toEqual(['group']);
  await all[1]?.start(new RecordingConsumer());
  second?.join('likestream.votes', []);
  expect([...unavailable]).toEqual([]);
  first?.crash(true);
  expect([...unavailable]).toEqual(['group']);
  for (const source of all) await source.stop();
});
