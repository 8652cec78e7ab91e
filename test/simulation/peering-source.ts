import type { EmbeddedSource } from '../../adapters/embedded/log-source';
import { PeerPosition } from '../../adapters/kafka/peers/peer-position';
import type { LogConsumer, LogSource } from '../../adapters/log-source';
import type { Clock } from '../../runtime/clock';
import type { DedupeWindow } from '../../schemas/dedupe-window';
import type { EventTypes } from '../../schemas/event-types';
import { parsePeerUpdate } from '../../schemas/peer-update';
import { lookingUpUntil, type Position } from '../../schemas/position';
import type { SimulatedDatabase } from './simulated-database';
import type { SimulatedLog } from './simulated-log';

const POLL_MS = 20;

/** In the same proportion to the window as the product's. */
const COMMIT_MS = 250;

const MAX_RECORDS = 100;

interface Parts {
  readonly types: EventTypes;
  /** The event type of the log. */
  readonly type: string;
  readonly own: EmbeddedSource;
  readonly log: SimulatedLog;
  readonly database: SimulatedDatabase;
  /** The mirrored topics. */
  readonly topics: readonly string[];
  readonly dedupe: Pick<DedupeWindow, 'retentionMs'>;
  readonly clock: Clock;
  /** How long a new owner waits before it reads what peers published, ms. */
  readonly delayMs: () => number;
}

/** One topic of a partition, as its owner reads it. */
class Reading {
  next: number;
  /** The revision of the database at which it had no further records. */
  emptyAt: number | undefined;

  constructor(
    readonly topic: string,
    readonly position: PeerPosition,
  ) {
    this.next = position.readFrom;
  }
}

/** A member of the consumer group that also reads the peers' updates of its partitions. */
export class PeeringSource implements LogSource {
  private readonly readings = new Map<number, readonly Reading[]>();
  private owner: LogConsumer | undefined;

  constructor(private readonly parts: Parts) {}

  start(owner: LogConsumer): Promise<void> {
    this.owner = owner;
    return this.parts.own.start({
      assigned: (partition, assignment) => {
        const readings = this.readingsOf(partition);
        const until = Math.max(0, ...readings.map(({ position }) => position.lookUpUntil ?? 0));
        owner.assigned(partition, lookingUpUntil(assignment, until));
        this.begin(partition, readings);
      },
      records: (partition, records) => owner.records(partition, records),
      applyPeerUpdates: (partition, tales) => owner.applyPeerUpdates(partition, tales),
      isCancelPending: (partition) => owner.isCancelPending(partition),
      revoked: (partition) => {
        this.readings.delete(partition);
        return owner.revoked(partition);
      },
    });
  }

  commit(partition: number, position: Position): Promise<void> {
    return this.parts.own.commit(partition, position);
  }

  verifyEnd(partition: number, known: number): Promise<number> {
    return this.parts.own.verifyEnd(partition, known);
  }

  stop(): Promise<void> {
    return this.parts.own.stop();
  }

  private readingsOf(partition: number): Reading[] {
    const { database, dedupe, topics } = this.parts;
    return topics.map((topic) => {
      const saved = database.get(positionKey(topic, partition)) ?? { done: 0, from: 0 };
      const position = new PeerPosition(saved as unknown as Position, dedupe.retentionMs);
      return new Reading(topic, position);
    });
  }

  private begin(partition: number, readings: readonly Reading[]): void {
    const { clock } = this.parts;
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
    clock.after(this.parts.delayMs(), poll);
    clock.after(COMMIT_MS, commit);
  }

  private async read(partition: number, reading: Reading): Promise<void> {
    const { database, log, type, types } = this.parts;
    if (reading.emptyAt === database.revision) return;
    const records = log.read(reading.topic, partition, reading.next, MAX_RECORDS);
    const last = records.at(-1);
    if (!last) {
      reading.emptyAt = database.revision;
      return;
    }
    try {
      await this.owner?.applyPeerUpdates(
        partition,
        records.map(({ key: channel, offset, value }) => {
          const isReplay = reading.position.wasConsumed(offset);
          return parsePeerUpdate(types, { channel, type, isReplay }, value);
        }),
      );
      reading.position.consume(records, this.parts.clock.monotonic());
      reading.next = last.offset + 1;
    } catch {
      // The next poll repeats it.
    }
  }

  private async save(partition: number, readings: readonly Reading[]): Promise<void> {
    const { clock, database } = this.parts;
    if (this.owner?.isCancelPending(partition)) return;
    const changes = readings.map(({ position, topic }) => ({
      key: positionKey(topic, partition),
      value: { ...position.positionToCommit(clock.monotonic()).position },
    }));
    await database.write(changes).catch(() => undefined);
  }
}

function positionKey(topic: string, partition: number): string {
  return `read/${topic}/${partition}`;
}
