import type { Admin } from 'kafkajs';
import { PARTITIONS } from '../../../schemas/partitions';
import { allowed, fewestReplicas, metadataOf, type TopicPlan } from './set-up-topics';
import { momentSettings, setUpTopicSettings } from './topic-settings';

/**
 * Creates the topics of moments that are missing, ours and those of peers, and alters the settings
 * of existing ones. They have the same partitions in all generations of the log: a channel's
 * numbers must not step back. Calls `warn` with one line if Kafka forbids to alter settings.
 */
export async function setUpMoments(
  admin: Admin,
  { moments: all = [], replicas }: Pick<TopicPlan, 'moments' | 'replicas'>,
  warn: (line: string) => void,
): Promise<void> {
  if (all.length === 0) return;
  const existing = await admin.listTopics();
  const missing = all.filter((topic) => !existing.includes(topic));
  if (missing.length > 0) {
    const settings = momentSettings(replicas).map(({ name, value }) => ({ name, value }));
    const configEntries = [...settings, { name: 'cleanup.policy', value: 'delete' }];
    const common = { numPartitions: PARTITIONS, replicationFactor: replicas, configEntries };
    const topics = missing.map((topic) => ({ topic, ...common }));
    await allowed(`Create on ${missing.join(', ')}`, () =>
      admin.createTopics({ topics, waitForLeaders: false }),
    );
  }
  const topics = await metadataOf(admin, [...all]);
  const few = topics.filter(({ partitions }) => partitions.length < PARTITIONS);
  if (few.length > 0) {
    await allowed(`Alter on ${few.map(({ name }) => name).join(', ')}`, () =>
      admin.createPartitions({
        topicPartitions: few.map(({ name }) => ({ topic: name, count: PARTITIONS })),
      }),
    );
  }
  const replicasOf = topics.map(
    ({ name, partitions }) => [name, fewestReplicas(partitions)] as const,
  );
  await setUpTopicSettings(admin, new Map(replicasOf), warn, momentSettings);
}
