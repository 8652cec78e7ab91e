import type { Admin } from 'kafkajs';
import { KafkaLogSource } from '../../../adapters/kafka/consume/log-source';
import type { ConfirmEnd } from '../../../adapters/kafka/positions/loss-checks';
import { markOf } from '../../../adapters/shared/recent-records';
import { RecordingConsumer } from '../../contract/recording-consumer';
import { VirtualClock } from '../../simulation/virtual-clock';
import { FakeConsumer } from './fake-consumer';

/** The topic of the log. */
export const TOPIC = 'likes';

/** The group's positions and the log's ends, in the form of Kafka's answers. */
export class FakeAdmin {
  saved = { partition: 0, offset: '-1', metadata: null as string | null };
  ends = { partition: 0, low: '0', high: '0', offset: '0' };
  asked = 0;

  async fetchOffsets() {
    return [{ topic: TOPIC, partitions: [this.saved] }];
  }

  async fetchTopicOffsets() {
    this.asked += 1;
    return [this.ends];
  }

  commit(done: number, rest: object): void {
    this.saved = { partition: 0, offset: String(done), metadata: JSON.stringify(rest) };
  }

  logHas(low: number, high: number): void {
    this.ends = { partition: 0, low: String(low), high: String(high), offset: String(high) };
  }
}

/** A member of the group that was assigned partition 0, after 5 s. */
export async function use(
  prepare: (admin: FakeAdmin) => void = () => undefined,
  confirmEnd?: ConfirmEnd,
) {
  const clock = new VirtualClock();
  const [admin, consumer, owner] = [new FakeAdmin(), new FakeConsumer(), new RecordingConsumer()];
  prepare(admin);
  const [failures, fatals, memberships]: [string[], Error[], boolean[]] = [[], [], []];
  const source = new KafkaLogSource({
    ...{ clock, groupId: 'group', topic: TOPIC },
    consumer: consumer.asConsumer,
    admin: admin as unknown as Admin,
    membership: (isMember) => void memberships.push(isMember),
    failed: (doing) => void failures.push(doing),
    fatal: (error) => void fatals.push(error),
    ...(confirmEnd && { confirmEnd }),
  });
  await source.start(owner);
  consumer.join(TOPIC, [0]);
  await clock.advance(5_000);
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
