import type { Contributions } from '../../adapters/contributions';
import type { EmbeddedDirectory } from '../../adapters/embedded/directory';
import { EmbeddedGroup } from '../../adapters/embedded/group';
import { EmbeddedHistory } from '../../adapters/embedded/history';
import type { EmbeddedLeases } from '../../adapters/embedded/leases';
import { positionKey } from '../../adapters/embedded/positions';
import type { EmbeddedCache } from '../../adapters/embedded/state-cache';
import { EmbeddedStates } from '../../adapters/embedded/state-store';
import type { History } from '../../adapters/history';
import type { FoundEntry, RowStore } from '../../adapters/row-store';
import { NoRows } from '../../adapters/shared/no-rows';
import type { StateStore } from '../../adapters/state-store';
import type { Clock } from '../../runtime/clock';
import type { LoggedType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';
import { datacenterOf, leasedOriginOf } from '../../schemas/origins';
import { PARTITIONS } from '../../schemas/partitions';
import type { Position } from '../../schemas/position';
import { Gate } from './gate';
import { Ghosts } from './ghosts';
import type { ImagedContributions } from './imaged-contributions';
import { MachineClock } from './machine-clock';
import { MomentTopics } from './moment-topics';
import { type RedisContext, type RedisImage, redisOf, takeImage } from './redis-image';
import type { Seeded } from './seeded';
import { type Row, SharedRows } from './shared-rows';
import { SimulatedDatabase } from './simulated-database';
import { SimulatedLog } from './simulated-log';
import type { Site } from './site';
import { SIMULATED_PARTITIONS, TYPES } from './types';
import { UnpublishedRemoval } from './unpublished-removal';

type ServersSite = Pick<Site, 'shared' | 'trace'> & Partial<Pick<Site, 'broken'>>;

/** Copies of Redis's data that are kept. */
export const MAX_COPIES = 24;

/** The embedded parts in place of Kafka, Cassandra and Redis. */
export class Servers {
  readonly database: SimulatedDatabase;
  readonly states: StateStore;
  /** Blocks and unblocks Cassandra. */
  readonly store = new Gate();
  /** The log's clock, which sets append times. */
  readonly clock: MachineClock;
  log: SimulatedLog;
  /** By event type, the consumer group. */
  groups: ReadonlyMap<string, EmbeddedGroup>;
  directory: EmbeddedDirectory;
  leases: EmbeddedLeases;
  cache: EmbeddedCache;
  contributions: ImagedContributions;
  readonly ghosts = new Ghosts();
  readonly unpublished = new UnpublishedRemoval();
  readonly moments: MomentTopics;
  /** The consumer group of the dispatchers that read moments. */
  momentGroup: EmbeddedGroup;
  private readonly redis: RedisContext;
  private readonly types: EventTypes;
  /** By event type with a history. */
  private readonly histories: ReadonlyMap<string, History>;
  /** By event type, the rows. */
  private readonly rowStores: ReadonlyMap<string, RowStore>;
  private readonly shared: ReadonlyMap<string, SharedRows>;
  private readonly copies: RedisImage[] = [];
  private readonly listeners: (() => void)[] = [];

  constructor(time: Clock, random: Seeded, origin: string, site: ServersSite = {}) {
    const { broken, shared: replica, trace } = site;
    this.clock = new MachineClock(time);
    this.database = new SimulatedDatabase(time, random, trace);
    this.types = broken?.types ?? TYPES;
    const Rows = broken?.rows ?? SharedRows;
    const { logged } = this.types;
    const withRows = logged.filter(({ rows }) => rows !== 'none');
    this.shared = new Map(
      withRows.map((type) => [type.name, new Rows(replica ?? this.database, type, origin)]),
    );
    this.rowStores = new Map(
      logged.map(({ name }) => {
        return [name, this.store.to<RowStore>(this.shared.get(name) ?? new NoRows())];
      }),
    );
    this.histories = new Map(
      logged
        .filter(({ hasHistory }) => hasHistory)
        .map(({ name }) => {
          return [name, this.store.to(new EmbeddedHistory(replica ?? this.database, name))];
        }),
    );
    this.states = this.store.to(new EmbeddedStates(replica ?? this.database));
    this.log = new SimulatedLog(this.database, this.clock);
    this.groups = this.buildGroups();
    this.moments = new MomentTopics(this.clock);
    this.momentGroup = new EmbeddedGroup(this.clock, PARTITIONS);
    const { entropy } = random.fork();
    this.redis = {
      types: this.types,
      leasedOrigin: leasedOriginOf(datacenterOf(origin)),
      newLife: () => entropy.secretId(),
      Contributions: broken?.contributions,
    };
    const { cache, contributions, directory, leases } = redisOf(this.redis);
    [this.cache, this.directory, this.leases] = [cache, directory, leases];
    this.contributions = contributions;
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
    const { cache, contributions, directory, leases } = redisOf(this.redis, image);
    [this.cache, this.directory, this.leases] = [cache, directory, leases];
    this.contributions = contributions;
    this.ghosts.forget();
    for (const listener of this.listeners) listener();
  }

  /** The machine restarts: it loses its memory and unsynced writes. */
  crash(): void {
    this.database.crash();
    this.log = this.log.restarted();
    this.groups = this.buildGroups();
    this.momentGroup = new EmbeddedGroup(this.clock, PARTITIONS);
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
    this.log = this.log.restarted();
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

  /** The contributions, as dispatchers use them. */
  get watchedContributions(): Contributions {
    return this.unpublished.contributionsOf(this.ghosts.watch(this.contributions));
  }

  /** The rows of a type, as its processes use them. */
  rowsOf({ name }: Pick<LoggedType, 'name'>): RowStore {
    return found(this.rowStores, name);
  }

  /** The history of a type that has one. */
  historyOf({ name }: Pick<LoggedType, 'name'>): History {
    return found(this.histories, name);
  }

  /** The copies of all entries of a type in a channel, by id. */
  copiesOf({ name }: Pick<LoggedType, 'name'>, channel: string): ReadonlyMap<string, Row> {
    return this.shared.get(name)?.copies(channel) ?? new Map();
  }

  /** The consumer group of a type. */
  groupOf({ name }: Pick<LoggedType, 'name'>): EmbeddedGroup {
    return found(this.groups, name);
  }

  /** The entries of a type in a channel in the store. */
  async entries(
    { name }: Pick<LoggedType, 'name'>,
    channel: string,
  ): Promise<readonly FoundEntry[]> {
    return this.shared.get(name)?.rows(channel) ?? [];
  }

  private buildGroups(): ReadonlyMap<string, EmbeddedGroup> {
    const { clock } = this;
    const names = this.types.logged.map(({ name }) => name);
    return new Map(names.map((name) => [name, new EmbeddedGroup(clock, SIMULATED_PARTITIONS)]));
  }
}

function found<Part>(parts: ReadonlyMap<string, Part>, type: string): Part {
  const part = parts.get(type);
  if (!part) throw new Error(`there is no event type ${type}`);
  return part;
}
