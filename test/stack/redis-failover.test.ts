import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { EmbeddedLog } from '../../adapters/embedded/event-log';
import { EmbeddedGroup } from '../../adapters/embedded/group';
import { LmdbDatabase } from '../../adapters/embedded/lmdb-database';
import { EmbeddedSource } from '../../adapters/embedded/log-source';
import { EmbeddedRowStore } from '../../adapters/embedded/row-store';
import { EmbeddedStates } from '../../adapters/embedded/state-store';
import { openRedis, whenReady } from '../../adapters/redis/client';
import { RedisDirectory } from '../../adapters/redis/directory';
import { RedisLeases } from '../../adapters/redis/leases';
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
import { likes } from '../../schemas/likes';
import { PARTITIONS } from '../../schemas/partitions';
import { counter } from '../../schemas/policies/counter';
import { countsOf } from '../../schemas/state';
import { eventually, range } from '../end-to-end/api';
import { HeldLink } from './held-link';
import { NativeRedis } from './native-redis';

const START_MS = 300_000;
const WITHIN_MS = 30_000;
const CHANNEL = 'video:1';

jest.setTimeout(120_000);

/** A worker without viewers: its memberships, and the states that it holds. */
class WatchingWorker {
  readonly worker: Worker = { id: entropy.secretId(), url: '' };
  readonly channels = new Channels(() => undefined);
  private readonly memberships: Memberships;

  constructor(subscriptions: Subscriptions) {
    const { channels, worker } = this;
    this.memberships = new Memberships({
      ...{ clock, subscriptions, worker },
      digest: () => channels.digest(),
      inBucket: (bucket) => channels.inBucket(bucket),
      received: (channel, vector) => channels.apply(channel, vector, 0),
      released: (channel) => channels.remove(channel),
      failed: () => undefined,
    });
  }

  async watch(): Promise<void> {
    await this.memberships.start();
    this.memberships.watch(CHANNEL, this.channels.open(CHANNEL).isNew);
  }

  get total(): number | undefined {
    const vector = this.channels.get(CHANNEL)?.vector;
    return vector && counter.total(countsOf(vector));
  }

  close(): void {
    this.memberships.close();
  }
}

/** One owner and its workers: embedded parts for log and store, and a real Redis. */
class Site {
  /** Whether the network between the owner and its workers loses all messages. */
  isCut = false;
  readonly workers: WatchingWorker[] = [];
  readonly redis: Redis;
  readonly dispatcher: Dispatcher;
  private readonly folder = mkdtempSync(join(tmpdir(), 'likestream-failover-'));
  private readonly database = new LmdbDatabase(join(this.folder, 'db'), clock);
  private readonly live: LiveWorkers;
  private readonly acceptance: Acceptance;

  constructor(url: string) {
    this.redis = openRedis(url);
    const { database, redis } = this;
    const [directory, leases] = [new RedisDirectory(redis), new RedisLeases(redis)];
    const failed = (): void => undefined;
    this.live = new LiveWorkers({ directory, leases, clock, removesDead: true, failed });
    redis.on('close', () => this.live.interrupt());
    const log = new EmbeddedLog(database, clock);
    const store = new EmbeddedRowStore(database);
    const dedupe = new DedupeWindow(120_000);
    const source = new EmbeddedSource({
      ...{ memberId: 'owner', topic: likes.topic, log, database, clock },
      group: new EmbeddedGroup(clock, PARTITIONS),
    });
    this.dispatcher = new Dispatcher({
      ...{ source, store, directory, leases, clock, dedupe, failed, workers: this.live },
      ...{ origin: 'dc1.1', secret: 'secret', gateway: this.gateway },
      states: new EmbeddedStates(database),
      cache: new RedisCache(redis),
    });
    redis.on('ready', () => this.dispatcher.refillCache());
    const recent = new RecentIds();
    const ledger = new AppendSequence(entropy);
    const intake = new GenerationLog(log, EMBEDDED_GENERATION);
    this.acceptance = new Acceptance({
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
    await whenReady(this.redis);
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
      await this.acceptance.accept('1', 'ann', [{ likeId: undefined, reaction: 'like' }]);
    }
  }

  async end(): Promise<void> {
    for (const worker of this.workers) worker.close();
    await this.dispatcher.stop();
    this.live.close();
    this.redis.disconnect();
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
      for (const { channel, vector, t } of updates) to?.channels.apply(channel, vector, t);
    },
  };
}

let primary: NativeRedis;
let replica: NativeRedis;
let behind: NativeRedis;
let site: Site;
const link = new HeldLink(() => behind.port);

beforeAll(async () => {
  [primary, replica] = await Promise.all([NativeRedis.start(), NativeRedis.start()]);
  behind = primary;
  await link.start();
}, START_MS);

afterAll(async () => {
  await link.end();
  await Promise.all([primary.end(), replica.end()]);
}, START_MS);

beforeEach(async () => {
  await primary.admin.flushall();
  site = new Site(`redis://127.0.0.1:${link.port}`);
  await site.start();
});

afterEach(() => site.end());

async function expectTotal(total: number, ...workers: WatchingWorker[]): Promise<void> {
  const check = () => expect(workers.map((one) => one.total)).toEqual(workers.map(() => total));
  await eventually(async () => check(), WITHIN_MS);
}

/** Redis has all workers of the site, and no others. */
async function expectMembers(): Promise<void> {
  const ids = site.workers.map(({ worker }) => worker.id).sort();
  await eventually(async () => {
    const [watchers = []] = await new RedisDirectory(site.redis).watchers([CHANNEL]);
    expect([...watchers].sort()).toEqual(ids);
  }, WITHIN_MS);
}

test('after a restart from an older copy, all workers have and get all likes', async () => {
  const before = await site.join();
  await site.like(3);
  await expectTotal(3, before);
  const copy = primary.copyData();
  const after = await site.join();
  await site.like(2);
  await expectTotal(5, before, after);
  await primary.goBack(copy);
  await eventually(() => site.redis.ping(), WITHIN_MS);
  const late = await site.join();
  await expectTotal(5, before, after, late);
  await expectMembers();
  await site.like(1);
  await expectTotal(6, before, after, late);
});

test('a promoted replica that lacks an undelivered like gets it from the owner', async () => {
  const worker = await site.join();
  await site.like(3);
  await expectTotal(3, worker);
  await replica.follow(primary);
  await replica.promote();
  site.isCut = true;
  await site.like(1);
  const counted = async () => (await new RedisCache(site.redis).get([CHANNEL])).get(CHANNEL);
  await eventually(async () => expect(counter.total(countsOf((await counted()) ?? {}))).toBe(4));
  await primary.follow(replica);
  behind = replica;
  site.isCut = false;
  await expectTotal(4, worker);
  await expectMembers();
  await site.like(1);
  await expectTotal(5, worker);
  await primary.promote();
  behind = primary;
  await replica.follow(primary);
  await site.like(1);
  await expectTotal(6, worker);
  await replica.promote();
});
