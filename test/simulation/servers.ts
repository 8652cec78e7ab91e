import { EmbeddedCache } from '../../dispatchers/embedded-cache';
import { EmbeddedDirectory } from '../../dispatchers/embedded-directory';
import { EmbeddedGroup } from '../../dispatchers/embedded-group';
import { EmbeddedLeases } from '../../dispatchers/embedded-leases';
import { EmbeddedStates } from '../../dispatchers/embedded-states';
import type { Position } from '../../dispatchers/source';
import type { StateStore } from '../../dispatchers/states';
import { EmbeddedLikeStore } from '../../producers/embedded-like-store';
import { EmbeddedLog, positionKey } from '../../producers/embedded-log';
import type { FoundLike, LikeStore, StoredLike } from '../../producers/store';
import type { Clock } from '../../runtime/clock';
import { PARTITIONS } from '../../schemas/topics';
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
    this.likes = this.store.to(this.shared ?? new EmbeddedLikeStore(this.database));
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

  /** Redis loses all it had. */
  empty(): void {
    this.replaceRedis();
  }

  /** Keeps a copy of all that Redis has now; the oldest copy is dropped. */
  async keepCopy(): Promise<void> {
    this.copies.push(await takeImage(this));
    if (this.copies.length > MAX_COPIES) this.copies.shift();
  }

  /** Redis goes back to a copy: 0 is the newest. Beyond the oldest, it loses all it had. */
  goBack(age: number): void {
    this.replaceRedis(this.copies.at(-1 - age));
  }

  private replaceRedis(image?: RedisImage): void {
    const { cache, directory, leases } = redisOf(image);
    [this.cache, this.directory, this.leases] = [cache, directory, leases];
    for (const listener of this.listeners) listener();
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

  /**
   * Loses the newest positions of a partition, too: the group's position is where a successor would
   * read from, as if nothing had been committed since then.
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

  /** The rows of a channel, as the store has them. */
  rows(channel: string): FoundLike[] {
    if (this.shared) return this.shared.rows(channel);
    const range = { from: `likes/${channel}/`, to: `likes/${channel}0` };
    return [...this.database.range(range)].map(({ value }) => value as unknown as StoredLike);
  }
}
