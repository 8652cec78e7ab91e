// Likes through a failover of Sentinels, and slots of a Cluster that move. It takes minutes, so
// `npm test` leaves it out and .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/**/redis-managed.nightly.ts'

import { Keys } from '../../adapters/redis/keys';
import { DIGEST_BUCKETS } from '../../schemas/digest';
import { Names } from '../../schemas/names';
import { range } from '../end-to-end/api';
import { ClusterRedis } from './redis-cluster';
import { SentinelRedis } from './redis-sentinel';
import { Site } from './site';
import { type Load, underLoad } from './under-load';

const START_MS = 600_000;
const TEST_MS = 400_000;
const MS_PER_S = 1_000;
/** Together they post about 200 likes/s. */
const CLIENTS = 2;
/** Each slot that moves has one of these buckets. */
const MOVED_BUCKETS = range(DIGEST_BUCKETS).filter((bucket) => bucket % 8 === 0);

const site = new Site();
let sentinel: SentinelRedis;
let cluster: ClusterRedis;

beforeAll(async () => {
  await site.startServers();
  sentinel = await SentinelRedis.start();
  cluster = await ClusterRedis.start();
}, START_MS);

afterAll(async () => {
  await Promise.all([sentinel?.end(), cluster?.end()]);
  await site.end();
}, START_MS);

afterEach(async () => {
  expect(await site.endRoles()).toEqual([0, 0, 0, 0, 0, 0]);
}, TEST_MS);

/** Runs a fault, and prints the seconds from its begin to its end, and until all is right again. */
async function timed(name: string, load: Load, fault: () => Promise<unknown>): Promise<void> {
  const [startedAt, before] = [performance.now(), load.likes];
  await fault();
  const endedAt = performance.now();
  await load.shown();
  const rightAt = performance.now();
  const seconds = (ms: number) => (ms / MS_PER_S).toFixed(1);
  const perS = Math.round(((load.likes - before) / (rightAt - startedAt)) * MS_PER_S);
  process.stderr.write(
    `${name}: ${seconds(endedAt - startedAt)} s, and ${seconds(rightAt - endedAt)} s until every ` +
      `viewer had all likes, at ${perS} likes/s\n`,
  );
}

it.each(['kill', 'halt'] as const)(
  'a failover of Sentinels (%s) loses nothing, and viewers have all',
  async (how) => {
    await site.startAll(sentinel.environment);
    await underLoad(
      site,
      async (load) => {
        let old = await sentinel.primary();
        await timed(`failover (${how})`, load, async () => {
          old = await sentinel.failOver(how);
        });
        if (how === 'kill') await old.start();
        else old.signal('SIGCONT');
      },
      CLIENTS,
    );
  },
  TEST_MS,
);

it(
  'slots that move lose nothing, and viewers have all',
  async () => {
    await site.startAll(cluster.environment);
    const keys = new Keys(new Names());
    await underLoad(
      site,
      (load) =>
        timed(`${MOVED_BUCKETS.length} slots moved`, load, async () => {
          for (const bucket of MOVED_BUCKETS) {
            await cluster.move(await cluster.slotOf(keys.none(bucket)));
          }
        }),
      CLIENTS,
    );
  },
  TEST_MS,
);
