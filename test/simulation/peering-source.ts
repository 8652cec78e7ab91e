import type { EmbeddedSource } from '../../dispatchers/embedded-source';
import type { PartitionOwner, Position, Source } from '../../dispatchers/source';
import type { EmbeddedLog } from '../../producers/embedded-log';
import type { Clock } from '../../runtime/clock';
import { toldIn } from '../../schemas/broadcast';
import type { SimulatedDatabase } from './simulated-database';

const POLL_MS = 20;
const COMMIT_MS = 1_000;
const MAX_RECORDS = 100;

/** A peer's record is needed for this many windows after it was read, by the monotonic clock. */
const REWIND_WINDOWS = 1.25;

interface Parts {
  readonly own: EmbeddedSource;
  readonly log: EmbeddedLog;
  readonly database: SimulatedDatabase;
  /** The mirrored topics. */
  readonly topics: readonly string[];
  readonly windowMs: number;
  readonly clock: Clock;
}

/** The next offset of a topic's partition, and its monotonic time. */
interface Mark {
  readonly next: number;
  readonly readAt: number;
}

/** The stored position in a topic's partition. */
interface Saved {
  /** An owner has consumed all records before this offset. */
  readonly heardTo: number;
  /** The offset from which a successor reads. */
  readonly from: number;
}

/** One topic of a partition, as its owner reads it. */
class Reading {
  next: number;
  /** The revision of the database at which it had no further records. */
  emptyAt: number | undefined;
  /** `next` at the commit before: records read since may not be forwarded yet. */
  private settled: number;
  private readonly marks: Mark[] = [];

  constructor(
    readonly topic: string,
    /** The position that was stored when the partition was assigned. */
    private readonly saved: Saved,
  ) {
    this.next = saved.from;
    this.settled = saved.heardTo;
  }

  /** Whether an earlier owner consumed the record. */
  isAgain(offset: number): boolean {
    return offset < this.saved.heardTo;
  }

  /** The position to store at monotonic time `now`; a successor reads `keptMs` back. */
  toSave(now: number, keptMs: number): Saved {
    const heardTo = Math.max(this.settled, this.saved.heardTo);
    this.settled = this.next;
    while ((this.marks[1]?.readAt ?? now) <= now - keptMs) this.marks.shift();
    const [oldest] = this.marks;
    const from = oldest && oldest.readAt <= now - keptMs ? oldest.next : this.saved.from;
    this.marks.push({ next: this.next, readAt: now });
    return { heardTo, from: Math.min(heardTo, from) };
  }
}

/** A member of the consumer group that has, with each partition, what other datacenters tell of it. */
export class PeeringSource implements Source {
  private readonly readings = new Map<number, readonly Reading[]>();
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
    const { clock, database, topics } = this.parts;
    const readings = topics.map((topic) => {
      const saved = database.get(positionKey(topic, partition)) ?? { heardTo: 0, from: 0 };
      return new Reading(topic, saved as unknown as Saved);
    });
    this.readings.set(partition, readings);
    const isOurs = () => this.readings.get(partition) === readings;
    const poll = async (): Promise<void> => {
      if (!isOurs()) return;
      for (const reading of readings) await this.read(partition, reading);
      clock.after(POLL_MS, poll);
    };
    const commit = (): void => {
      if (!isOurs()) return;
      void this.save(partition, readings);
      clock.after(COMMIT_MS, commit);
    };
    void poll();
    clock.after(COMMIT_MS, commit);
  }

  private async read(partition: number, reading: Reading): Promise<void> {
    const { database, log } = this.parts;
    if (reading.emptyAt === database.revision) return;
    const records = log.read(reading.topic, partition, reading.next, MAX_RECORDS);
    const last = records.at(-1);
    if (!last) {
      reading.emptyAt = database.revision;
      return;
    }
    try {
      await this.owner?.told(
        partition,
        records.map(({ key, offset, value }) => toldIn(key, value, reading.isAgain(offset))),
      );
      reading.next = last.offset + 1;
    } catch {
      // Offered again at the next poll.
    }
  }

  private async save(partition: number, readings: readonly Reading[]): Promise<void> {
    const { clock, database, windowMs } = this.parts;
    const changes = readings.map((reading) => ({
      key: positionKey(reading.topic, partition),
      value: { ...reading.toSave(clock.monotonic(), REWIND_WINDOWS * windowMs) },
    }));
    await database.write(changes).catch(() => undefined);
  }
}

function positionKey(topic: string, partition: number): string {
  return `read/${topic}/${partition}`;
}
