import type { Batch, Consumer, ConsumerGroupJoinEvent, EachBatchPayload } from 'kafkajs';
import { type Clock, every, type Timer } from '../../../runtime/clock';
import { parseMoment } from '../../../schemas/moment';
import type { Heartbeat, MomentReceiver, ReceivedMoment } from '../../moments';
import { readOnAtTheEnd } from '../client/patches';
import { withHeartbeats } from '../consume/heartbeats';
import { KafkaMembership } from '../consume/membership';
import { recordOf } from '../consume/record';

const PARTITIONS_AT_ONCE = 8;

/** The time between two commits; after a rebalance a successor reads these moments again. */
const COMMIT_MS = 2_000;

export interface MomentReaderOptions {
  readonly consumer: Consumer;
  readonly groupId: string;
  /** By topic, the datacenter that has written it; one of them is our own. */
  readonly datacenters: ReadonlyMap<string, string>;
  /** Our own datacenter. */
  readonly datacenter: string;
  readonly clock: Clock;
  /** Reports a failed step; moments that were not received are not read again. */
  readonly failed: (doing: string, error: unknown) => void;
  /** Reports that the process must end. */
  readonly fatal: (error: Error) => void;
}

/** What a batch has for the receiver. */
interface Received {
  readonly moments: readonly ReceivedMoment[];
  readonly heartbeat: Heartbeat | undefined;
}

/** A member of the consumer group that reads moments. A new group begins at the log's end. */
export class MomentReader {
  private readonly membership: KafkaMembership;
  private receiver: MomentReceiver | undefined;
  private isSubscribed = false;
  private memberId: string | undefined;
  private commits: Timer | undefined;
  /** By topic and partition of this member, the offset after the last record that it has read. */
  private readonly next = new Map<string, Place>();

  constructor(private readonly options: MomentReaderOptions) {
    const { consumer, groupId } = options;
    readOnAtTheEnd(groupId);
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.joined(payload));
    const changed = (isMember: boolean): void => {
      if (!isMember) this.next.clear();
    };
    this.membership = new KafkaMembership({ ...options, run: () => this.run(), changed });
  }

  /** Joins the group; rejects if Kafka cannot be reached. */
  async start(receiver: MomentReceiver): Promise<void> {
    this.receiver = receiver;
    this.commits = every(this.options.clock, COMMIT_MS, () => this.commit());
    await this.membership.start();
  }

  async stop(): Promise<void> {
    const { consumer } = this.options;
    this.receiver = undefined;
    this.commits?.cancel();
    await this.commit();
    this.membership.stop();
    await consumer.stop();
    await consumer.disconnect();
  }

  private async run(): Promise<void> {
    const { consumer, datacenters } = this.options;
    await consumer.connect();
    if (!this.isSubscribed) {
      await consumer.subscribe({ topics: [...datacenters.keys()], fromBeginning: false });
      this.isSubscribed = true;
    }
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.consume(payload),
    });
  }

  /** Continues the partitions that this member keeps: kafkajs would read what was committed. */
  private joined({ memberAssignment, memberId }: ConsumerGroupJoinEvent['payload']): void {
    const isSame = this.memberId === memberId;
    this.memberId = memberId;
    for (const [name, place] of this.next) {
      const isKept = isSame && memberAssignment[place.topic]?.includes(place.partition);
      if (isKept) this.options.consumer.seek(place);
      else this.next.delete(name);
    }
  }

  private async consume({ batch, heartbeat, isStale, resolveOffset }: EachBatchPayload) {
    const { clock, failed } = this.options;
    const { partition, topic } = batch;
    if (!this.receiver || isStale()) return;
    try {
      await withHeartbeats(clock, heartbeat, () => this.receive(topic, this.receivedIn(batch)));
    } catch (error) {
      failed('receive moments', error);
    }
    const offset = String(Number(batch.lastOffset()) + 1);
    this.next.set(`${topic}/${partition}`, { topic, partition, offset });
    resolveOffset(batch.lastOffset());
  }

  private async receive(topic: string, { heartbeat, moments }: Received): Promise<void> {
    const { datacenter, datacenters } = this.options;
    if (moments.length > 0) await this.receiver?.moments(moments);
    const from = datacenters.get(topic);
    if (from === undefined || from === datacenter || heartbeat === undefined) return;
    await this.receiver?.heartbeat(from, heartbeat);
  }

  private receivedIn({ highWatermark, messages, partition, topic }: Batch): Received {
    const datacenter = this.options.datacenters.get(topic) ?? '';
    const moments: ReceivedMoment[] = [];
    let heartbeat: Heartbeat | undefined;
    const end = Number(highWatermark);
    for (const { appendedAt, key, offset, value } of messages.map(recordOf)) {
      try {
        const { moment, repeatsAll: all, sending } = parseMoment(key, value);
        if (moment) moments.push({ ...moment, datacenter, offset, appendedAt, sending });
        else {
          const repeatsAll = all && heartbeat?.repeatsAll !== false;
          heartbeat = { partition, offset, end, repeatsAll };
        }
      } catch (error) {
        this.options.failed('read a moment', error);
      }
    }
    return { moments, heartbeat };
  }

  private async commit(): Promise<void> {
    if (!this.membership.isMember || this.next.size === 0) return;
    try {
      await this.options.consumer.commitOffsets([...this.next.values()]);
    } catch (error) {
      this.options.failed('commit moments', error);
    }
  }
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}
