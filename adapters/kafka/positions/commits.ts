import type { Consumer, TopicPartitionOffsetAndMetadata } from 'kafkajs';
import { asLikestreamError, LikestreamError } from '../../../schemas/errors';

const NOT_ACKNOWLEDGED = 'Kafka has not acknowledged the commit';
const NOT_SENT = 'the commit was not sent: this member no longer owns the partition';

/** A position that waits for its request. */
interface Waiting {
  readonly place: TopicPartitionOffsetAndMetadata;
  mayBeSent(): boolean;
}

/** Positions that go into one request, by partition. */
interface Batch {
  readonly waiting: Map<string, Waiting>;
  /** Resolves with the reason for each partition whose position is not committed. */
  readonly missing: Promise<ReadonlyMap<string, string>>;
}

/**
 * Commits offsets, and rejects if Kafka did not accept them. One request is in flight at a time;
 * positions that come in the meantime go into the next one. kafkajs sends commits and heartbeats on
 * one connection, where a broker answers one request after the other.
 *
 * kafkajs's own `commitOffsets` resolves without a commit while its consumer does not run; only its
 * COMMIT_OFFSETS event confirms a commit.
 */
export class KafkaCommits {
  private next: Batch | undefined;
  private last: Promise<unknown> = Promise.resolve();
  /** By partition, the offsets in flight that Kafka has not acknowledged. */
  private inFlight = new Map<string, string>();

  constructor(private readonly consumer: Pick<Consumer, 'commitOffsets' | 'events' | 'on'>) {
    consumer.on(consumer.events.COMMIT_OFFSETS, ({ payload }) => {
      for (const { topic, partitions } of payload.topics) {
        for (const { partition, offset } of partitions) {
          const name = nameOf({ topic, partition });
          if (this.inFlight.get(name) === String(offset)) this.inFlight.delete(name);
        }
      }
    });
  }

  /**
   * Rejects with `log_unavailable` unless all of `places` are committed. `mayBeSent` is called when
   * the request is made: this member may have lost the partitions while they waited.
   */
  async commit(
    places: readonly TopicPartitionOffsetAndMetadata[],
    mayBeSent: () => boolean = () => true,
  ): Promise<void> {
    const batch = this.next ?? this.begin();
    for (const place of places) batch.waiting.set(nameOf(place), { place, mayBeSent });
    const missing = await batch.missing;
    const reason = places.map((place) => missing.get(nameOf(place))).find((each) => each);
    if (reason !== undefined) throw new LikestreamError('log_unavailable', reason);
  }

  private begin(): Batch {
    const waiting = new Map<string, Waiting>();
    const missing = this.last.then(() => {
      this.next = undefined;
      return this.send([...waiting.values()]);
    });
    this.last = missing.catch(() => undefined);
    this.next = { waiting, missing };
    return this.next;
  }

  private async send(waiting: readonly Waiting[]): Promise<ReadonlyMap<string, string>> {
    const allowed = waiting.filter(({ mayBeSent }) => mayBeSent()).map(({ place }) => place);
    this.inFlight = new Map(allowed.map((place) => [nameOf(place), place.offset]));
    try {
      if (allowed.length > 0) await this.consumer.commitOffsets(allowed);
    } catch (error) {
      throw asLikestreamError(error, 'log_unavailable');
    }
    const unsent = waiting.filter(({ place }) => !allowed.includes(place));
    return new Map([
      ...[...this.inFlight.keys()].map((name) => [name, NOT_ACKNOWLEDGED] as const),
      ...unsent.map(({ place }) => [nameOf(place), NOT_SENT] as const),
    ]);
  }
}

function nameOf({ partition, topic }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`;
}
