import type { Admin } from 'kafkajs';
import { KafkaLogSource } from '../../../adapters/kafka/consume/log-source';
import { PeerTopics } from '../../../adapters/kafka/peers/peer-topics';
import type { ConfirmEnd } from '../../../adapters/kafka/positions/loss-checks';
import { markOf } from '../../../adapters/shared/recent-records';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import { RecordingConsumer } from '../../contract/recording-consumer';
import { VirtualClock } from '../../simulation/virtual-clock';
import { FakeConsumer } from './fake-consumer';

/** The topic of the log. */
export const TOPIC = 'likes';

/** The mirrored topic of another datacenter. */
export const PEER_TOPIC = 'dc2.updates.likes';

/** The group's position and the log's ends in each partition, in the form of Kafka's answers. */
export class FakeAdmin {
  saved = { partition: 0, offset: '-1', metadata: null as string | null };
  ends = { partition: 0, low: '0', high: '0', offset: '0' };
  /** The number of requests for ends. */
  asked = 0;
  /** The topics of each request for positions. */
  readonly loads: (readonly string[])[] = [];

  constructor(private readonly partitions: readonly number[]) {}

  async fetchOffsets({ topics }: { readonly topics: readonly string[] }) {
    this.loads.push(topics);
    const unknown = { offset: '-1', metadata: null };
    return topics.map((topic) => {
      const saved = topic === TOPIC ? this.saved : unknown;
      return { topic, partitions: this.partitions.map((partition) => ({ ...saved, partition })) };
    });
  }

  async fetchTopicOffsets() {
    this.asked += 1;
    return this.partitions.map((partition) => ({ ...this.ends, partition }));
  }

  commit(done: number, rest: object): void {
    this.saved = { partition: 0, offset: String(done), metadata: JSON.stringify(rest) };
  }

  logHas(low: number, high: number): void {
    this.ends = { partition: 0, low: String(low), high: String(high), offset: String(high) };
  }
}

/** What differs from a group with the log's partition 0 alone. */
interface Different {
  readonly confirmEnd?: ConfirmEnd;
  readonly partitions?: number[];
  /** Whether the group reads the updates of another datacenter as well. */
  readonly hasPeers?: boolean;
}

/** A member of the group that was assigned its partitions, after 4 s. */
export async function use(
  prepare: (admin: FakeAdmin) => void = () => undefined,
  { confirmEnd, hasPeers = false, partitions = [0] }: Different = {},
) {
  const [clock, admin] = [new VirtualClock(), new FakeAdmin(partitions)];
  const [consumer, owner] = [new FakeConsumer(), new RecordingConsumer()];
  prepare(admin);
  const [failures, fatals, memberships]: [string[], Error[], boolean[]] = [[], [], []];
  const kafka = {
    ...{ clock, groupId: 'group', consumer: consumer.asConsumer },
    admin: admin as unknown as Admin,
    failed: (doing: string) => void failures.push(doing),
    ...(confirmEnd && { confirmEnd }),
  };
  const updates = { types: new EventTypes([likes]), type: 'likes', topics: [PEER_TOPIC] };
  const reading = { dedupe: { retentionMs: 60_000 }, warn: () => undefined };
  const source = new KafkaLogSource({
    ...{ ...kafka, topic: TOPIC },
    peers: hasPeers ? new PeerTopics({ ...kafka, ...updates, ...reading }) : undefined,
    membership: (isMember) => void memberships.push(isMember),
    fatal: (error) => void fatals.push(error),
  });
  await source.start(owner);
  consumer.join(TOPIC, partitions);
  await clock.advance(4_000);
  return { admin, clock, consumer, failures, fatals, memberships, owner, source };
}

/** A record of the log. */
export function recordAt(offset: number, value = `${offset}`) {
  return { offset, value };
}

/** The mark of that record. */
export function markAt(offset: number, value = `${offset}`) {
  return markOf({ offset, key: 'video:a', value, appendedAt: 0 });
}
