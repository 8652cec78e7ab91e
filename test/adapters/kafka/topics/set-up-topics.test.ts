import type { Admin } from 'kafkajs';
import { setUpTopics } from '../../../../adapters/kafka/topics/set-up-topics';
import { wantedSettings } from '../../../../adapters/kafka/topics/topic-settings';

interface NewTopic {
  readonly topic: string;
  readonly numPartitions: number;
  readonly configEntries: readonly { readonly name: string; readonly value: string }[];
}

/** Topics in memory, by their number of partitions, with the required settings. */
class FakeAdmin {
  /** The greatest message of each topic that was created. */
  readonly limits = new Map<string, string | undefined>();

  constructor(readonly topics: Map<string, number>) {}

  get asAdmin(): Admin {
    return this as unknown as Admin;
  }

  async listTopics() {
    return [...this.topics.keys()];
  }

  async createTopics({ topics }: { topics: readonly NewTopic[] }) {
    for (const { configEntries, numPartitions, topic } of topics) {
      this.topics.set(topic, numPartitions);
      const limit = configEntries.find(({ name }) => name === 'max.message.bytes');
      this.limits.set(topic, limit?.value);
    }
  }

  async createPartitions({
    topicPartitions,
  }: {
    topicPartitions: { topic: string; count: number }[];
  }) {
    for (const { count, topic } of topicPartitions) this.topics.set(topic, count);
  }

  async fetchTopicMetadata({ topics }: { topics: string[] }) {
    const all = topics.map((name) => ({
      name,
      partitions: Array.from({ length: this.topics.get(name) ?? 0 }, () => ({ replicas: [0] })),
    }));
    return { topics: all };
  }

  async describeConfigs({ resources }: { resources: { name: string }[] }) {
    const configEntries = wantedSettings(1).map(({ name, value }) => {
      return { configName: name, configValue: value };
    });
    return {
      resources: resources.map(({ name }) => ({ resourceName: name, configEntries })),
    };
  }
}

async function setUp(existing: Readonly<Record<string, number>>, partitions: number) {
  const admin = new FakeAdmin(new Map(Object.entries(existing)));
  const mirrored = ['dc2.updates.likes', 'dc2.updates.likes.2'];
  const plan = { names: ['likes', ...mirrored], mirrored, partitions, replicas: 1 };
  await setUpTopics(admin.asAdmin, plan, () => undefined);
  return Object.fromEntries(admin.topics);
}

test('a mirrored topic that was created in advance gets the partitions that it needs', async () => {
  const topics = await setUp({ 'dc2.updates.likes.2': 8 }, 24);
  expect(topics).toEqual({ likes: 24, 'dc2.updates.likes': 24, 'dc2.updates.likes.2': 24 });
});

test('a mirrored topic may have more partitions, which stay empty', async () => {
  expect(await setUp({ 'dc2.updates.likes.2': 24 }, 8)).toMatchObject({
    'dc2.updates.likes.2': 24,
  });
});

test.each([8, 32])(
  'a topic of the log itself with %i partitions instead of 24 is refused',
  async (count) => {
    await expect(setUp({ likes: count }, 24)).rejects.toMatchObject({ code: 'log_mismatch' });
  },
);

test('the topic of a new event type is created, and closed if its log is drained', async () => {
  const admin = new FakeAdmin(new Map([['likes', 24]]));
  const plan = { names: ['likes', 'votes', 'polls'], partitions: 24, replicas: 1 };
  const closed = ['likes', 'votes'];
  await setUpTopics(admin.asAdmin, { ...plan, closed }, () => undefined);
  expect(admin.limits).toEqual(
    new Map([
      ['votes', '0'],
      ['polls', '1048588'],
    ]),
  );
});
