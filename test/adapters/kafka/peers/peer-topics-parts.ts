import type { Admin, Batch } from 'kafkajs';
import { PeerTopics } from '../../../../adapters/kafka/peers/peer-topics';
import type { ConfirmEnd } from '../../../../adapters/kafka/positions/loss-checks';
import { markOf } from '../../../../adapters/shared/recent-records';
import { EventTypes } from '../../../../schemas/event-types';
import { likes } from '../../../../schemas/likes';
import { encodePeerUpdate } from '../../../../schemas/peer-update';
import { VirtualClock } from '../../../simulation/virtual-clock';
import { FakeConsumer } from '../fake-consumer';

export const ROUND_MS = 5_000;
/** Three checks take less time. */
export const CHECKS_MS = 3_000;
const RETENTION_MS = 60_000;
export const TOPIC = 'dc2.updates.likes';
const CHANNEL = 'video:a';
const APPENDED_AT = 1_700_000_000_000;

/** The value of the update at an offset. */
function updateAt(offset: number): string {
  const vector = { 'dc2.1': { version: offset, state: { like: offset } } };
  return encodePeerUpdate({ vector, t: 1 }, 'dc2.1') ?? '';
}

/** A batch of updates of a partition. */
export function batchOf(partition: number, offsets: readonly number[], value = updateAt): Batch {
  const messages = offsets.map((offset) => ({
    ...{ key: Buffer.from(CHANNEL), value: Buffer.from(value(offset)) },
    ...{ offset: String(offset), timestamp: String(APPENDED_AT) },
  }));
  return { topic: TOPIC, partition, messages } as unknown as Batch;
}

/** The metadata committed with an offset; the mark is of the record before it. */
export function metadata(done: number, from: number): string {
  const record = { key: CHANNEL, value: updateAt(done - 1), appendedAt: APPENDED_AT };
  return JSON.stringify({
    from,
    logTime: APPENDED_AT,
    mark: markOf({ offset: done - 1, ...record }),
  });
}

interface Saved {
  readonly partition: number;
  readonly offset: string;
  readonly metadata: string | null;
}

/** The mirrored topics of a group with these positions and ends. */
export function use(
  saved: readonly Saved[],
  ends: { low: number; high: number },
  confirmEnd?: ConfirmEnd,
) {
  const clock = new VirtualClock();
  const consumer = new FakeConsumer();
  consumer.isRunning = true;
  const now = { ...ends };
  const lines: string[] = [];
  const asked = { ends: 0, until: Promise.resolve() };
  const admin = {
    fetchOffsets: async () => {
      await asked.until;
      return [{ topic: TOPIC, partitions: saved }];
    },
    fetchTopicOffsets: async () => {
      asked.ends += 1;
      return [3, 5].map((partition) => {
        return { partition, low: String(now.low), high: String(now.high), offset: '' };
      });
    },
  };
  const peers = new PeerTopics({
    ...{ clock, consumer: consumer.asConsumer, groupId: 'group', topics: [TOPIC] },
    admin: admin as unknown as Admin,
    ...{ types: new EventTypes([likes]), type: 'likes' },
    dedupe: { retentionMs: RETENTION_MS },
    failed: (doing, error) => {
      throw new Error(doing, { cause: error });
    },
    warn: (line) => lines.push(line),
    confirmEnd,
  });
  const owner = { isPending: false, isCancelPending: () => owner.isPending };
  peers.start(owner);
  const load = (partition: number, isOwned = () => true) => peers.load(partition, isOwned);
  return { asked, clock, consumer, ends: now, lines, load, owner, peers };
}
