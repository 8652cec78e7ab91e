import { EmbeddedCache } from '../../dispatchers/embedded-cache';
import { EmbeddedDirectory } from '../../dispatchers/embedded-directory';
import { EmbeddedGroup } from '../../dispatchers/embedded-group';
import { EmbeddedStates } from '../../dispatchers/embedded-states';
import { EmbeddedLikeStore } from '../../producers/embedded-like-store';
import { EmbeddedLog } from '../../producers/embedded-log';
import type { LikeStore, StoredLike } from '../../producers/store';
import { PARTITIONS } from '../../schemas/topics';
import type { Seeded } from './seeded';
import { SharedLikes } from './shared-likes';
import { SimulatedDatabase } from './simulated-database';
import type { VirtualClock } from './virtual-clock';

/** The embedded parts in the place of Kafka, Cassandra and Redis. */
export class Servers {
  readonly database: SimulatedDatabase;
  readonly likes: LikeStore;
  readonly states: EmbeddedStates;
  log: EmbeddedLog;
  group: EmbeddedGroup;
  directory: EmbeddedDirectory;
  cache: EmbeddedCache;
  private readonly stored: SimulatedDatabase;

  constructor(
    private readonly clock: VirtualClock,
    random: Seeded,
    origin: string,
    shared?: SimulatedDatabase,
  ) {
    this.database = new SimulatedDatabase(clock, random);
    this.stored = shared ?? this.database;
    this.likes = shared ? new SharedLikes(shared, origin) : new EmbeddedLikeStore(this.database);
    this.states = new EmbeddedStates(this.stored);
    this.log = new EmbeddedLog(this.database, this.clock);
    this.group = new EmbeddedGroup(clock, PARTITIONS);
    this.cache = new EmbeddedCache();
    this.directory = new EmbeddedDirectory(clock, this.cache);
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

  /** The rows of a channel, as the store has them. */
  rows(channel: string): StoredLike[] {
    const range = { from: `likes/${channel}/`, to: `likes/${channel}0` };
    return [...this.stored.range(range)].map(({ value }) => value as unknown as StoredLike);
  }
}
