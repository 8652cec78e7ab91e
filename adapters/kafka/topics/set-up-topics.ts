import type { Admin, ITopicMetadata, PartitionMetadata } from 'kafkajs';
import { pause, systemClock } from '../../../runtime/clock';
import { LikestreamError } from '../../../schemas/errors';
import { CLOSED } from './log-gate';
import { isNotAllowed, missingRight } from './rights';
import { setUpTopicSettings, wantedSettings } from './topic-settings';

/** How long Kafka keeps records: far longer than any owner reads back, ms. */
const RETENTION_MS = 7 * 24 * 3_600_000;

/** Look-ups of new topics until the broker lists them, and the time between two of them. */
const MAX_LOOKS = 50;
const BETWEEN_LOOKS_MS = 100;

/** The topics that a process needs. */
export interface TopicPlan {
  readonly names: readonly string[];
  readonly partitions: number;
  /** The topics of other datacenters; they may have been created before their log began. */
  readonly mirrored?: readonly string[];
  /** Replicas of a topic that is created. */
  readonly replicas: number;
  /** Topics that stay closed to appends, because their log is drained. */
  readonly closed?: readonly string[];
  /** The topics of moments (`set-up-moments.ts`), which are not in `names`. */
  readonly moments?: readonly string[];
}

/**
 * Creates the missing topics, and alters the settings of all topics to those that exactness needs;
 * safe to run again. Rejects with `log_mismatch` and advice if a topic has a different number of
 * partitions than planned, or has no append times. Calls `warn` with one line if Kafka forbids to
 * alter settings.
 */
export async function setUpTopics(
  admin: Admin,
  { closed = [], mirrored = [], names, partitions: count, replicas }: TopicPlan,
  warn: (line: string) => void,
): Promise<void> {
  const all = [...names];
  const common = { numPartitions: count, replicationFactor: replicas };
  const existing = await admin.listTopics();
  const missing = all.filter((topic) => !existing.includes(topic));
  if (missing.length > 0) {
    // If another process creates them at the same time, kafkajs reports success.
    const topics = missing.map((topic) => {
      return { topic, ...common, configEntries: settingsOf(replicas, closed.includes(topic)) };
    });
    await allowed(`Create on ${missing.join(', ')}`, () =>
      admin.createTopics({ topics, waitForLeaders: false }),
    );
  }
  const topics = await metadataOf(admin, all);
  await setUpPartitions(admin, topics, { mirrored, count });
  const open = topics.filter(({ name }) => !closed.includes(name));
  const replicasOf = open.map(
    ({ name, partitions }) => [name, fewestReplicas(partitions)] as const,
  );
  await setUpTopicSettings(admin, new Map(replicasOf), warn);
}

/** The settings of a new topic; in a drained log it is created closed. */
function settingsOf(replicas: number, isClosed: boolean) {
  const settings = new Map([
    ['retention.ms', String(RETENTION_MS)],
    ['cleanup.policy', 'delete'],
  ]);
  for (const { name, value } of wantedSettings(replicas)) settings.set(name, value);
  if (isClosed) settings.set(CLOSED.name, CLOSED.value);
  return [...settings].map(([name, value]) => ({ name, value }));
}

/**
 * Requires that each topic has `count` partitions. A mirrored topic may have been created before
 * its log began: missing partitions are added, and surplus ones stay empty.
 */
async function setUpPartitions(
  admin: Pick<Admin, 'createPartitions'>,
  topics: readonly ITopicMetadata[],
  { count, mirrored }: { readonly count: number; readonly mirrored: readonly string[] },
): Promise<void> {
  const wrong = topics.filter(({ partitions }) => partitions.length !== count);
  const own = wrong.find(({ name }) => !mirrored.includes(name));
  if (own) throw partitionsDiffer(own.name, own.partitions.length, count);
  const few = wrong.filter(({ partitions }) => partitions.length < count);
  if (few.length === 0) return;
  await allowed(`Alter on ${few.map(({ name }) => name).join(', ')}`, () =>
    admin.createPartitions({
      topicPartitions: few.map(({ name }) => ({ topic: name, count })),
    }),
  );
}

/** The metadata of topics; a broker may list a new topic only a moment after its creation. */
export async function metadataOf(
  admin: Pick<Admin, 'fetchTopicMetadata'>,
  topics: string[],
): Promise<ITopicMetadata[]> {
  for (let looks = 1; ; looks++) {
    try {
      return (await admin.fetchTopicMetadata({ topics })).topics;
    } catch (error) {
      if (isNotAllowed(error)) throw missingRight(`Describe on ${topics.join(', ')}`, error);
      const type = error instanceof Error && 'type' in error ? error.type : undefined;
      if (type !== 'UNKNOWN_TOPIC_OR_PARTITION' || looks === MAX_LOOKS) throw error;
      await pause(systemClock, BETWEEN_LOOKS_MS);
    }
  }
}

/** Runs a request that needs a right; rejects with a line that names it if Kafka refuses it. */
export async function allowed(right: string, request: () => Promise<unknown>): Promise<void> {
  try {
    await request();
  } catch (error) {
    throw isNotAllowed(error) ? missingRight(right, error) : error;
  }
}

function partitionsDiffer(topic: string, partitions: number, wanted: number): LikestreamError {
  return new LikestreamError(
    'log_mismatch',
    `topic ${topic} has ${partitions} partitions instead of ${wanted}: its channels would change ` +
      'owners. Begin a new log: run `npm run drain`, then set LOG_GENERATION one higher',
  );
}

/** The fewest replicas of a topic's partitions. */
export function fewestReplicas(partitions: readonly PartitionMetadata[]): number {
  return Math.min(...partitions.map(({ replicas }) => replicas.length));
}
