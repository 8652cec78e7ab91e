import { EmbeddedCache } from '../../dispatchers/embedded-cache';
import { EmbeddedDirectory } from '../../dispatchers/embedded-directory';
import { EmbeddedGroup } from '../../dispatchers/embedded-group';
import { EmbeddedStates } from '../../dispatchers/embedded-states';
import type { StateStore } from '../../dispatchers/states';
import { EmbeddedLikeStore } from '../../producers/embedded-like-store';
import { EmbeddedLog } from '../../producers/embedded-log';
import type { LikeStore, StoredLike } from '../../producers/store';
import type { Clock } from '../../runtime/clock';
import { PARTITIONS } from '../../schemas/topics';
import { Gate } from './gate';
import { MachineClock } from './machine-clock';
import type { Seeded } from './seeded';
import { SharedLikes } from './shared-likes';
import { SimulatedDatabase } from './simulated-database';
import type { Site } from './site';

/** The embedded parts in the place of Kafka, Cassandra and Redis. */
export class Servers {
  readonly database: SimulatedDatabase;
  readonly likes: LikeStore;
  readonly states: StateStore;
  /** Blocks and unblocks Cassandra. */
  readonly store = new Gate();
  /** The log's clock, which sets append times. */
  readonly clock: MachineClock;
  log: EmbeddedLog;
  group: EmbeddedGroup;
  directory: EmbeddedDirectory;
  cache: EmbeddedCache;
  private readonly stored: SimulatedDatabase;

  constructor(
    time: Clock,
    random: Seeded,
    origin: string,
    { shared, trace }: Pick<Site, 'shared' | 'trace'> = {},
  ) {
    this.clock = new MachineClock(time);
    this.database = new SimulatedDatabase(time, random, trace);
    this.stored = shared ?? this.database;
    const likes = shared ? new SharedLikes(shared, origin) : new EmbeddedLikeStore(this.database);
    this.likes = this.store.to(likes);
    this.states = this.store.to(new EmbeddedStates(this.stored));
    this.log = new EmbeddedLog(this.database, this.clock);
    this.group = new EmbeddedGroup(this.clock, PARTITIONS);
    this.cache = new EmbeddedCache();
    this.directory = new EmbeddedDirectory(this.clock, this.cache);
  }

  /** Redis loses all it had. */
  empty(): void {
    this.cache = new EmbeddedCache();
    this.directory = new EmbeddedDirectory(this.clock, this.cache);
  }

  /** The machine goes down and comes up: memory is lost, and what was not synced. */
  crash(): void {
    this.database.crash();
    this.log = new EmbeddedLog(this.database, this.clock);
    this.group = new EmbeddedGroup(this.clock, PARTITIONS);
    this.empty();
  }

  /**
   * Removes the last `count` acknowledged records of a partition from the log. Returns how many it
   * removed.
   */
  loseTail(topic: string, partition: number, count: number): number {
    const end = this.log.end(topic, partition) ?? 0;
    const kept = this.log.keysBelow(topic, partition, end, end);
    // One record stays: an empty log would append at the committed position, without a loss.
    const tail = kept.slice(1).slice(-count);
    this.database.erase(tail);
    this.log = new EmbeddedLog(this.database, this.clock);
    return tail.length;
  }

  /** The rows of a channel, as the store has them. */
  rows(channel: string): StoredLike[] {
    const range = { from: `likes/${channel}/`, to: `likes/${channel}0` };
    return [...this.stored.range(range)].map(({ value }) => value as unknown as StoredLike);
  }
}
