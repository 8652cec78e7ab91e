import { EmbeddedDirectory } from '../../adapters/embedded/directory';
import { EmbeddedLog, positionKey } from '../../adapters/embedded/event-log';
import { EmbeddedGroup } from '../../adapters/embedded/group';
import { EmbeddedLeases } from '../../adapters/embedded/leases';
import { EmbeddedRowStore } from '../../adapters/embedded/row-store';
import { EmbeddedCache } from '../../adapters/embedded/state-cache';
import { EmbeddedStates } from '../../adapters/embedded/state-store';
import type { FoundLike, RowStore, StoredLike } from '../../adapters/row-store';
import type { StateStore } from '../../adapters/state-store';
import type { Clock } from '../../runtime/clock';
import { PARTITIONS } from '../../schemas/partitions';
import type { Position } from '../../schemas/position';
import { Gate } from './gate';
import { MachineClock } from './machine-clock';
import { type RedisImage, redisOf, takeImage } from './redis-image';
import type { Seeded } from './seeded';
import { SharedLikes } from './shared-likes';
import { SimulatedDatabase } from './simulated-database';
import type { Site } from './site';

type ServersSite = Pick<Site, 'shared' | 'trace'> & Partial<Pick<Site, 'broken'>>;

/** Copies of Redis's data that are kept. */
export const MAX_COPIES = 24;

/** The embedded parts in place of Kafka, Cassandra and Redis. */
export class Servers {
  readonly database: SimulatedDatabase;
  readonly likes: RowStore;
  readonly states: StateStore;
  /** Blocks and unblocks Cassandra. */
  readonly store = new Gate();
  /** The log's clock, which sets append times. */
  readonly clock: MachineClock;
  log: EmbeddedLog;
  group: EmbeddedGroup;
  directory: EmbeddedDirectory;
  leases: EmbeddedLeases;
  cache: EmbeddedCache;
  private readonly shared: SharedLikes | undefined;
  private readonly copies: RedisImage[] = [];
  private readonly listeners: (() => void)[] = [];

  constructor(time: Clock, random: Seeded, origin: string, site: ServersSite = {}) {
    const { broken, shared: replica, trace } = site;
    this.clock = new MachineClock(time);
    this.database = new SimulatedDatabase(time, random, trace);
    this.shared = replica && new (broken?.rows ?? SharedLikes)(replica, origin);
    this.likes = this.store.to(this.shared ?? new EmbeddedRowStore(this.database));
    this.states = this.store.to(new EmbeddedStates(replica ?? this.database));
    this.log = new EmbeddedLog(this.database, this.clock);
    this.group = new EmbeddedGroup(this.clock, PARTITIONS);
    this.cache = new EmbeddedCache();
    this.directory = new EmbeddedDirectory(this.cache);
    this.leases = new EmbeddedLeases();
  }

  /** Calls the listener each time Redis is ready again after it lost or changed its data. */
  onRedisReady(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Redis loses all data. */
  empty(): void {
    this.replaceRedis();
  }

  /** Copies all data of Redis; drops the oldest copy. */
  async keepCopy(): Promise<void> {
    this.copies.push(await takeImage(this));
    if (this.copies.length > MAX_COPIES) this.copies.shift();
  }

  /** Redis returns to a copy; 0 is the newest. Beyond the oldest, it loses all data. */
  goBack(age: number): void {
    this.replaceRedis(this.copies.at(-1 - age));
  }

  private replaceRedis(image?: RedisImage): void {
    const { cache, directory, leases } = redisOf(image);
    [this.cache, this.directory, this.leases] = [cache, directory, leases];
    for (const listener of this.listeners) listener();
  }

  /** The machine restarts: it loses its memory and unsynced writes. */
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

  /**
   * Loses the newest positions of a partition, too: a successor reads from the remaining one, as if
   * nothing had been committed since.
   */
  loseCommits(topic: string, partition: number): void {
    const key = positionKey(topic, partition);
    const {
      counted: _,
      mark: __,
      ...position
    } = this.database.get(key) as unknown as {
      mark?: object;
    } & Position;
    this.database.put(key, { ...position, done: position.from });
  }

  /** The rows of a channel in the store. */
  rows(channel: string): FoundLike[] {
    if (this.shared) return this.shared.rows(channel);
    const range = { from: `likes/${channel}/`, to: `likes/${channel}0` };
    return [...this.database.range(range)].map(({ value }) => value as unknown as StoredLike);
  }
}
