// Replaces SERVICE_SECRET process by process under load. It takes minutes, so `npm test` leaves it
// out and .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/**/*.nightly.ts'

import { freshId } from '../contract/time';
import { eventually, range } from '../end-to-end/api';
import { StreamClient } from '../end-to-end/stream-client';
import { SERVICE_SECRET } from './keys';
import { Site } from './site';
import { SteadyLikes } from './steady-likes';

const START_MS = 300_000;
const TEST_MS = 400_000;
const REST_MS = 60_000;
const VIEWERS = 40;

const NEXT_SECRET = 'the next secret of all services';

/** Processes of two steps that follow each other accept each other's calls. */
const STEPS = [`${SERVICE_SECRET},${NEXT_SECRET}`, `${NEXT_SECRET},${SERVICE_SECRET}`, NEXT_SECRET];

const site = new Site();
const videos = range(8).map(() => freshId('video'));
const likes = new SteadyLikes(site, videos);
const viewers: StreamClient[] = [];

beforeAll(() => site.start(), START_MS);
afterAll(async () => {
  for (const viewer of viewers) viewer.close();
  await site.end();
}, START_MS);

it(
  'a secret is replaced in three steps while likes arrive: every total is exact',
  async () => {
    for (const at of range(VIEWERS)) {
      const video = videos[at % videos.length] ?? '';
      const options = { reconnects: true, query: `access_token=${site.token}` };
      const url = site.roles.frontend[at % 2]?.url ?? '';
      viewers.push(new StreamClient(url, [`video:${video}`], options));
    }
    likes.start();
    for (const secret of STEPS) {
      for (const at of [0, 1]) {
        for (const role of ['producer', 'dispatcher', 'frontend'] as const) {
          await site.roles[role][at]?.restart({ SERVICE_SECRET: secret });
        }
      }
    }
    await likes.stop();
    await eventually(async () => {
      for (const [at, viewer] of viewers.entries()) {
        const video = videos[at % videos.length] ?? '';
        const { size } = likes.answered.get(video) ?? new Set();
        expect((await site.rows(video)).size).toBe(size);
        expect(await site.total(video)).toBe(size);
        expect(viewer.total(`video:${video}`)).toBe(size);
        expect(viewer.faults).toEqual([]);
      }
    }, REST_MS);
    const answered = [...likes.answered.values()].reduce((sum, { size }) => sum + size, 0);
    process.stdout.write(
      `${answered} likes while 6 processes took three settings; problems: ` +
        `${[...likes.problems].join(', ') || 'none'}\n`,
    );
  },
  TEST_MS,
);
