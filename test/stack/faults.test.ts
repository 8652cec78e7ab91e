import { Redis } from 'ioredis';
import { joinForeignMember } from '../../tools/chaos/hostile-faults';
import { SideLoad } from '../../tools/chaos/side-load';
import { Supervisor } from '../../tools/chaos/supervisor';
import { freshId } from '../contract/time';
import { call, eventually, post, range, tapId } from '../end-to-end/api';
import { StreamClient } from '../end-to-end/stream-client';
import { runOperatorProgram } from './operator-program';
import { CLOCK_SEEN_MS, findLibfaketime } from './role-clock';
import type { Role } from './role-process';
import { Site } from './site';
import { underLoad } from './under-load';

/** The first run on a machine fetches the servers. */
const START_MS = 300_000;
const TEST_MS = 120_000;

/** Sessions, leases and reconnects need this time; then all counts must be exact. */
const REST_MS = 60_000;

/** About two seconds of likes. */
const LIKES_WHILE_DOWN = 200;

/** Beyond the dedupe window, and within the life of a token. */
const CLOCK_STEPS = ['+10m', '-10m', '+0'];

/** Likes a second; each goes to both producers, now or a little later. */
const TWICE = { rate: 100, batch: 1, answerTimeoutMs: 5_000, copies: 1 };

const site = new Site({ clocks: true });
const testWithClocks = findLibfaketime() === undefined ? test.skip : test;

beforeAll(() => site.start(), START_MS);
afterAll(() => site.end(), START_MS);

describe('two of each role on real servers stay exact', () => {
  test('without faults', () => underLoad(site, async () => undefined), TEST_MS);

  test.each<[Role]>([['producer'], ['dispatcher'], ['frontend']])(
    'when a %s is killed and comes back',
    (role) =>
      underLoad(site, async (load) => {
        const [first] = site.roles[role];
        await first?.end('SIGKILL');
        await load.answered(LIKES_WHILE_DOWN);
        await first?.start();
      }),
    TEST_MS,
  );

  test(
    'when a dispatcher is halted until the other owns its partitions, and then resumes',
    () =>
      underLoad(site, async (load) => {
        const [first] = site.roles.dispatcher;
        first?.signal('SIGSTOP');
        // Likes that are answered from now on are counted only after a takeover.
        await load.answered(LIKES_WHILE_DOWN);
        await load.counted();
        first?.signal('SIGCONT');
        // It joins the group again under load, and may own the same partitions.
        await load.answered(2 * LIKES_WHILE_DOWN);
        await load.counted();
      }),
    TEST_MS,
  );

  test.each(['kafka', 'cassandra', 'redis'] as const)(
    'when %s is killed and comes back',
    (part) =>
      underLoad(site, async () => {
        await site.stack.kill(part, 'SIGKILL');
        const missing = expect.arrayContaining([part]);
        await expectReadiness({ status: 503, body: { status: 'waiting', missing } });
        await site.stack.start(part);
        await expectReadiness({ status: 200, body: { status: 'ready' } });
      }),
    TEST_MS,
  );

  test(
    'when Redis loses all its data',
    () =>
      underLoad(site, async () => {
        const redis = new Redis(site.stack.addresses.redis);
        await redis.flushall();
        redis.disconnect();
      }),
    TEST_MS,
  );
});

describe("two of each role on real servers stay exact beside others' faults:", () => {
  testWithClocks.each<[Role]>([['producer'], ['dispatcher']])(
    'when the clock of a %s steps by more than the dedupe window, and back',
    async (role) => {
      const [first] = site.roles[role];
      if (!first) throw new Error(`there is no ${role}`);
      const load = new SideLoad(site, TWICE);
      try {
        load.start();
        for (const step of CLOCK_STEPS) {
          site.clockOf(first).step(step);
          // So many likes take twice the time in which the process applies the step.
          const enough = load.counts.answered + (2 * TWICE.rate * CLOCK_SEEN_MS) / 1_000;
          await eventually(() => expect(load.counts.answered).toBeGreaterThan(enough), REST_MS);
        }
        await load.stop();
        expect(load.counts.answered).toBeGreaterThan(0);
        expect(await load.wrong()).toEqual([]);
      } finally {
        site.clockOf(first).stepBack();
        await load.close();
      }
    },
    TEST_MS,
  );

  test(
    'when a member with another assigner holds the consumer group, and then leaves',
    async () => {
      const supervisor = new Supervisor(site.processes);
      supervisor.watch();
      try {
        await underLoad(site, () => joinForeignMember({ site, supervisor }));
      } finally {
        supervisor.stop();
      }
    },
    TEST_MS,
  );
});

test(
  'channels of a stream are joined and left through the other frontend',
  async () => {
    const [here, there] = site.roles.frontend.map(({ url }) => url);
    const [first, second] = [freshId('video'), freshId('video')];
    const viewer = new StreamClient(here ?? '', [`video:${first}`], {
      query: `access_token=${site.token}`,
    });
    const { connectionId } = (await viewer.next('ready')).data;
    const path = `/stream/${connectionId}/channels/video:${second}`;
    const { headers } = site;
    expect(await call(there ?? '', 'PUT', path, { headers })).toMatchObject({ status: 204 });
    await viewer.next('snapshot', ({ data }) => data.channel === `video:${second}`);
    expect(await call(there ?? '', 'DELETE', path, { headers })).toMatchObject({ status: 204 });
    viewer.close();
    await eventually(async () =>
      expect(await call(there ?? '', 'PUT', path, { headers })).toMatchObject({ status: 404 }),
    );
  },
  TEST_MS,
);

test(
  'a recreated log is refused, and accepted as the next generation beside the old one',
  async () => {
    const videoId = freshId('video');
    const likes = range(3).map(() => ({ likeId: tapId() }));
    const url = site.roles.producer[0]?.url ?? '';
    const options = { headers: site.headers };
    expect(await post(url, videoId, { likes }, options)).toMatchObject({ status: 201 });
    await eventually(async () => expect(await site.total(videoId)).toBe(3), REST_MS);
    const lastWords = site.lastWords();
    await site.recreateLog();
    // More records than the old log had, so that offsets alone do not show the difference.
    const late = range(20).map(() => post(url, videoId, { likeId: tapId() }, options));
    const answers = await Promise.allSettled(late);
    for (const said of await lastWords) expect(said).toContain('LOG_GENERATION');
    await expect(site.startAll()).rejects.toThrow(/LOG_GENERATION/);
    // Likes that were appended to the new topic before the processes ended are counted by rows.
    const recounted = await runOperatorProgram('recount', ['--log-lost'], site.serverSettings);
    expect(recounted).toMatchObject({ code: 0 });
    await site.startAll({ LOG_GENERATION: '2' });
    await post(site.roles.producer[0]?.url ?? '', videoId, { likeId: tapId() }, options);
    const taken = answers.filter(
      (each) => each.status === 'fulfilled' && each.value.status === 201,
    ).length;
    await eventually(async () => {
      const rows = await site.rows(videoId);
      expect(rows.size).toBeGreaterThanOrEqual(likes.length + taken + 1);
      expect(await site.total(videoId)).toBe(rows.size);
    }, REST_MS);
  },
  TEST_MS,
);

test(
  'every role ends with 0 on SIGTERM',
  async () => {
    expect(await site.end()).toEqual([0, 0, 0, 0, 0, 0]);
  },
  TEST_MS,
);

/** Each process reports this readiness, with the names of the missing servers. */
async function expectReadiness(expected: { status: number; body: object }): Promise<void> {
  const all = Object.values(site.roles).flat();
  await eventually(async () => {
    for (const { adminUrl } of all) {
      const { status, text } = await call(adminUrl, 'GET', '/health/ready');
      expect({ status, body: JSON.parse(text) }).toEqual(expected);
    }
  }, REST_MS);
}
