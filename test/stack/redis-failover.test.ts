import { RedisDirectory } from '../../adapters/redis/directory';
import { redisServer } from '../../adapters/redis/servers';
import { RedisCache } from '../../adapters/redis/state-cache';
import { eventually } from '../end-to-end/api';
import {
  CHANNEL,
  FailoverSite,
  names,
  ORIGIN,
  totalIn,
  types,
  type WatchingWorker,
} from './failover-site';
import { HeldLink } from './held-link';
import { KEYS } from './keys';
import { NativeRedis } from './native-redis';

const START_MS = 300_000;
const WITHIN_MS = 30_000;

jest.setTimeout(120_000);

let primary: NativeRedis;
let replica: NativeRedis;
let behind: NativeRedis;
let site: FailoverSite;
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
  site = new FailoverSite(redisServer(`redis://127.0.0.1:${link.port}`));
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
    const [watchers = []] = await new RedisDirectory(site.redis, names, ORIGIN).watchers([CHANNEL]);
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
  await eventually(() => site.redis.whenReady(), WITHIN_MS);
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
  const cache = new RedisCache(site.redis, types, names, KEYS);
  const counted = async () => (await cache.get([CHANNEL])).get(CHANNEL);
  await eventually(async () => expect(totalIn(await counted())).toBe(4));
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
