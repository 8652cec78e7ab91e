// It takes a minute or more, so `npm test` leaves it out and .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/**/*.nightly.ts'

import { RedisDirectory } from '../../adapters/redis/directory';
import { redisServersOf } from '../../adapters/redis/servers';
import { readSettings } from '../../runtime/settings/settings';
import { eventually } from '../end-to-end/api';
import { CHANNEL, FailoverSite, names, ORIGIN, type WatchingWorker } from './failover-site';
import { SentinelRedis } from './redis-sentinel';

const START_MS = 300_000;
const WITHIN_MS = 60_000;

jest.setTimeout(180_000);

let redis: SentinelRedis;
let site: FailoverSite;

beforeAll(async () => {
  redis = await SentinelRedis.start();
}, START_MS);

afterAll(() => redis?.end(), START_MS);

beforeEach(async () => {
  await redis.admin.flushall();
  site = new FailoverSite(redisServersOf(readSettings(redis.environment)));
  await site.start();
});

afterEach(() => site?.end());

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

it.each(['kill', 'halt'] as const)(
  'after the Sentinels replace a primary (%s), all workers have and get all likes',
  async (how) => {
    const before = await site.join();
    await site.like(3);
    await expectTotal(3, before);
    const old = await redis.failOver(how);
    await site.like(2);
    await expectTotal(5, before);
    await eventually(() => site.redis.whenReady(), WITHIN_MS);
    const late = await site.join();
    await expectTotal(5, before, late);
    await expectMembers();
    if (how === 'kill') await old.start();
    else old.signal('SIGCONT');
    await eventually(() => redis.expectComplete(), WITHIN_MS);
    await site.like(1);
    await expectTotal(6, before, late);
    await expectMembers();
  },
);
