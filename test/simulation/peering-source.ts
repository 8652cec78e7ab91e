import type { EmbeddedSource } from '../../dispatchers/embedded-source';
import type { PartitionOwner, Position, Source } from '../../dispatchers/source';
import type { EmbeddedLog } from '../../producers/embedded-log';
import type { Clock } from '../../runtime/clock';
import type { Database } from '../../runtime/database';
import { toldIn } from '../../schemas/broadcast';

const POLL_MS = 20;
const COMMIT_MS = 1_000;
const MAX_RECORDS = 100;
const REWIND_WINDOWS = 1.25;

interface Parts {
  readonly own: EmbeddedSource;
  readonly log: EmbeddedLog;
  readonly database: Database;
  /** The mirrored topics. */
  readonly topics: readonly string[];
  readonly windowMs: number;
  readonly clock: Clock;
}

/** A member of the consumer group that has, with each partition, what other datacenters tell of it. */
export class PeeringSource implements Source {
  /** By partition, the next offset of each topic. */
  private readonly readings = new Map<number, Map<string, number>>();
  /** By topic and partition, what was saved when it came: all before it was heard. */
  private readonly heardTo = new Map<string, number>();
  private owner: PartitionOwner | undefined;

  constructor(private readonly parts: Parts) {}

  start(owner: PartitionOwner): Promise<void> {
    this.owner = owner;
    return this.parts.own.start({
      assigned: (partition, position) => {
        owner.assigned(partition, position);
        this.begin(partition);
      },
      records: (partition, records) => owner.records(partition, records),
      told: (partition, tales) => owner.told(partition, tales),
      revoked: (partition) => {
        this.readings.delete(partition);
        return owner.revoked(partition);
      },
    });
  }

  commit(partition: number, position: Position): Promise<void> {
    return this.parts.own.commit(partition, position);
  }

  stop(): Promise<void> {
    return this.parts.own.stop();
  }

  private begin(partition: number): void {
    const { clock, topics } = this.parts;
    const places = topics.map((topic): [string, number] => [topic, this.place(topic, partition)]);
    const reading = new Map(places);
    this.readings.set(partition, reading);
    const poll = async (): Promise<void> => {
      if (this.readings.get(partition) !== reading) return;
      for (const topic of topics) await this.read(topic, partition, reading);
      clock.after(POLL_MS, poll);
    };
    const commit = (before: ReadonlyMap<string, number>): void => {
      if (this.readings.get(partition) !== reading) return;
      void this.save(partition, before);
      const now = new Map(reading);
      clock.after(COMMIT_MS, () => commit(now));
    };
    void poll();
    clock.after(COMMIT_MS, () => commit(new Map(places)));
  }

  private async read(topic: string, partition: number, reading: Map<string, number>) {
    const records = this.parts.log.read(topic, partition, reading.get(topic) ?? 0, MAX_RECORDS);
    const last = records.at(-1);
    if (!last) return;
    try {
      await this.owner?.told(
        partition,
        records.map(({ key, offset, value }) => {
          return toldIn(key, value, offset < (this.heardTo.get(`${topic}/${partition}`) ?? 0));
        }),
      );
      reading.set(topic, last.offset + 1);
    } catch {
      // Offered again at the next poll.
    }
  }

  /** Where it had been read, and no later than a window back. */
  private place(topic: string, partition: number): number {
    const { clock, database, log, windowMs } = this.parts;
    const saved = Number(database.get(`read/${topic}/${partition}`) ?? 0);
    this.heardTo.set(`${topic}/${partition}`, saved);
    const since = clock.now() - REWIND_WINDOWS * windowMs;
    const records = log.read(topic, partition, 0, saved);
    const recent = records.find(({ key, value }) => toldIn(key, value, true).t >= since);
    return Math.min(saved, recent?.offset ?? saved);
  }

  private async save(partition: number, places: ReadonlyMap<string, number>): Promise<void> {
    const changes = [...places].map(([topic, value]) => ({
      key: `read/${topic}/${partition}`,
      value,
    }));
    await this.parts.database.write(changes).catch(() => undefined);
  }
}
