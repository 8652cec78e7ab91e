import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedGroup } from '../../adapters/embedded/group';
import { LmdbDatabase } from '../../adapters/embedded/lmdb-database';
import { EmbeddedSource } from '../../adapters/embedded/log-source';
import { EmbeddedRowStore } from '../../adapters/embedded/row-store';
import { EmbeddedStates } from '../../adapters/embedded/state-store';
import { openRedis, type RedisClient } from '../../adapters/redis/client';
import { RedisDirectory } from '../../adapters/redis/directory';
import { RedisLeases } from '../../adapters/redis/leases';
import type { RedisServers } from '../../adapters/redis/servers';
import { RedisCache } from '../../adapters/redis/state-cache';
import { EMBEDDED_GENERATION, GenerationLog } from '../../adapters/shared/generation-log';
import type { Subscriptions } from '../../adapters/subscriptions';
import { Dispatcher } from '../../dispatchers/dispatcher';
import { LiveWorkers } from '../../dispatchers/workers/live-workers';
import { Channels } from '../../frontends/channels/channels';
import { Memberships } from '../../frontends/memberships';
import { Acceptance } from '../../producers/acceptance';
import { AppendSequence } from '../../producers/append-sequence';
import { RecentIds } from '../../producers/recent-ids';
import { systemClock as clock } from '../../runtime/clock';
import { systemEntropy as entropy } from '../../runtime/entropy';
import { DedupeWindow } from '../../schemas/dedupe-window';
import type { Update, Worker } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { Names } from '../../schemas/names';
import { PARTITIONS } from '../../schemas/partitions';
import { sumOf, totalOf } from '../../schemas/policies/counter';
import type { Feeds } from '../../schemas/state';
import { range } from '../end-to-end/api';
import { SimulatedLog } from '../simulation/simulated-log';
import { KEYS } from './keys';

/** The channel that all workers watch. */
export const CHANNEL = 'video:1';
export const types = new EventTypes([likes]);
export const names = new Names();
/** The origin of leased states. */
export const ORIGIN = 'dc1.0';

/** The total of likes; undefined if none is known. */
export function totalIn(feeds: Feeds | undefined): number | undefined {
  const vector = feeds?.[likes.name];
  if (!vector) return undefined;
  const states = Object.values(vector).map(({ state }) => likes.policy.state.parse(state));
  return totalOf(sumOf(states));
}

/** A worker without viewers: its memberships, and the states that it holds. */
export class WatchingWorker {
  readonly worker: Worker = { id: entropy.secretId(), url: '' };
  readonly channels = new Channels(types, clock, () => undefined);
  private readonly memberships: Memberships;

  constructor(subscriptions: Subscriptions) {
    const { channels, worker } = this;
    this.memberships = new Memberships({
      ...{ clock, subscriptions, worker },
      digest: () => channels.digest(),
      inBucket: (bucket) => channels.inBucket(bucket),
      received: (channel, feeds, answer) => channels.apply(channel, feeds, 0, answer),
      released: (channel) => channels.remove(channel),
      failed: () => undefined,
    });
  }

  async watch(): Promise<void> {
    await this.memberships.start();
    this.memberships.watch(CHANNEL, this.channels.open(CHANNEL).isNew);
  }

  get total(): number | undefined {
    return totalIn(this.channels.get(CHANNEL)?.feeds);
  }

  close(): void {
    this.memberships.close();
  }
}

/** One owner and its workers: embedded parts for log and store, and a real Redis. */
export class FailoverSite {
  /** Whether the network between the owner and its workers loses all messages. */
  isCut = false;
  readonly workers: WatchingWorker[] = [];
  readonly redis: RedisClient;
  readonly dispatcher: Dispatcher;
  private readonly folder = mkdtempSync(join(tmpdir(), 'likestream-failover-'));
  private readonly database = new LmdbDatabase(join(this.folder, 'db'), clock);
  private readonly live: LiveWorkers;
  private readonly acceptance: Acceptance;

  constructor(servers: RedisServers) {
    this.redis = openRedis(servers);
    const { database, redis } = this;
    const directory = new RedisDirectory(redis, names, ORIGIN);
    const leases = new RedisLeases(redis, names, KEYS);
    const failed = (): void => undefined;
    this.live = new LiveWorkers({ directory, leases, clock, removesDead: true, failed });
    redis.onClosed(() => this.live.interrupt());
    const log = new SimulatedLog(database, clock);
    const store = new EmbeddedRowStore(database, likes, 'dc1.1');
    const dedupe = new DedupeWindow(120_000);
    const source = new EmbeddedSource({
      ...{ memberId: 'owner', topic: names.topic(likes.name, 1), log, database, clock },
      group: new EmbeddedGroup(clock, PARTITIONS),
    });
    this.dispatcher = new Dispatcher({
      ...{ types, directory, leases, clock, dedupe, failed, workers: this.live },
      ...{ sourceOf: () => source, rowsOf: () => store },
      ...{ origin: 'dc1.1', secret: 'secret', gateway: this.gateway },
      states: new EmbeddedStates(database),
      cache: new RedisCache(redis, types, names, KEYS),
    });
    redis.onReady(() => this.dispatcher.refillCache());
    const recent = new RecentIds();
    const ledger = new AppendSequence(entropy);
    const intake = new GenerationLog(log, EMBEDDED_GENERATION, names);
    this.acceptance = new Acceptance({
      ...{ type: likes, origin: 'dc1.1' },
      log: intake,
      store,
      recent,
      sequence: ledger,
      dedupe,
      clock,
      entropy,
    });
  }

  async start(): Promise<void> {
    await this.redis.whenReady();
    this.live.start();
    await this.dispatcher.start();
  }

  async join(): Promise<WatchingWorker> {
    const worker = new WatchingWorker(this.subscriptions);
    this.workers.push(worker);
    await worker.watch();
    return worker;
  }

  async like(count: number): Promise<void> {
    for (const _ of range(count)) {
      await this.acceptance.accept('1', 'ann', [{ body: { reaction: 'like' } }]);
    }
  }

  async end(): Promise<void> {
    for (const worker of this.workers) worker.close();
    await this.dispatcher.stop();
    this.live.close();
    this.redis.close();
    await this.database.close();
    rmSync(this.folder, { recursive: true });
  }

  private readonly subscriptions: Subscriptions = {
    renew: async (renewal) => this.reached().renew(renewal),
    change: async (change) => this.reached().change(change),
  };

  private reached(): Subscriptions {
    if (this.isCut) throw new LikestreamError('peer_unavailable');
    return this.dispatcher.subscriptions;
  }

  private readonly gateway = {
    deliver: async ({ id }: Worker, updates: readonly Update[]): Promise<void> => {
      if (this.isCut) throw new LikestreamError('not_found');
      const to = this.workers.find(({ worker }) => worker.id === id);
      for (const { channel, t, type, vector } of updates) {
        to?.channels.apply(channel, { [type]: vector }, t);
      }
    },
  };
}
