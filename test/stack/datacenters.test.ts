import { Redis } from 'ioredis';
import { freshId } from '../contract/time';
import { eventually, post, range, tapId } from '../end-to-end/api';
import { StreamClient } from '../end-to-end/stream-client';
import { PeerSites } from './peer-sites';

const START_MS = 300_000;
const TEST_MS = 120_000;
const REST_MS = 60_000;
const peers = new PeerSites();
const { datacenters, sites } = peers;
let headers: Record<string, string>;
let query: string;

beforeAll(async () => {
  await peers.start();
  headers = peers.headers;
  query = `access_token=${peers.token}`;
}, START_MS);

afterAll(() => peers.end(), START_MS);

const urlOf = (at: number): string => peers.site(at).server.url;

/** Posts `times` new likes in each of these datacenters. */
async function like(videoId: string, times: number, where: readonly number[] = [0, 1]) {
  for (const at of where) {
    const likes = range(times).map(() => ({ likeId: tapId() }));
    const answer = await post(urlOf(at), videoId, { likes }, { headers });
    expect(answer).toMatchObject({ status: 201 });
  }
}

function watchers(videoId: string, maySeeDoubles = false): StreamClient[] {
  const options = { query, maySeeDoubles };
  return sites.map(({ server }) => new StreamClient(server.url, [`video:${videoId}`], options));
}

/** Every viewer has this total. */
function expectShown(videoId: string, viewers: readonly StreamClient[], total: number) {
  return eventually(() => {
    for (const viewer of viewers) {
      expect(viewer.faults).toEqual([]);
      expect(viewer.total(`video:${videoId}`)).toBe(total);
    }
  }, REST_MS);
}

/** Every viewer has this total, and each datacenter's `GET`. */
async function expectTotal(videoId: string, viewers: readonly StreamClient[], total: number) {
  await expectShown(videoId, viewers, total);
  await eventually(async () => {
    for (const at of sites.keys()) expect(await peers.total(at, videoId)).toBe(total);
  }, REST_MS);
}

describe('likes of two datacenters', () => {
  test(
    'are seen in both',
    async () => {
      const videoId = freshId('video');
      const viewers = watchers(videoId);
      await like(videoId, 5);
      await expectTotal(videoId, viewers, 10);
      await like(videoId, 3);
      await expectTotal(videoId, viewers, 16);
      // Viewers that come later get the sum, too.
      const late = watchers(videoId);
      await expectTotal(videoId, late, 16);
      for (const viewer of [...viewers, ...late]) viewer.close();
    },
    TEST_MS,
  );

  test(
    'are seen in both again after the link was cut',
    async () => {
      const videoId = freshId('video');
      const viewers = watchers(videoId);
      await like(videoId, 2);
      await expectTotal(videoId, viewers, 4);
      await datacenters.mirror.kill();
      await like(videoId, 4);
      // MirrorMaker is killed: until it runs again, viewers are sent only their datacenter's likes.
      // GET also reads the saved states, which are in the Cassandra that both share.
      await expectShown(videoId, viewers, 8);
      await datacenters.link();
      await expectTotal(videoId, viewers, 12);
      for (const viewer of viewers) viewer.close();
    },
    TEST_MS,
  );
});

describe('a like that both datacenters accepted', () => {
  test(
    'is one like in both, also if its copy arrives after the link was cut',
    async () => {
      const videoId = freshId('video');
      const viewers = watchers(videoId, true);
      const twice = async (ids: readonly string[]) => {
        const likes = ids.map((likeId) => ({ likeId, reaction: 'love' }));
        const postTo = (at: number) => post(urlOf(at), videoId, { likes }, { headers });
        await Promise.all([postTo(0), postTo(1)]);
      };
      await twice(range(20).map(tapId));
      await like(videoId, 5);
      await expectTotal(videoId, viewers, 30);
      await datacenters.mirror.kill();
      await twice(range(20).map(tapId));
      await like(videoId, 5);
      // An owner that must look ids up finds the rows of the other datacenter in the Cassandra that
      // both share, and cancels its copies at once: 35.
      await eventually(() => {
        for (const each of viewers) expect([35, 55]).toContain(each.total(`video:${videoId}`));
      }, REST_MS);
      await datacenters.link();
      await expectTotal(videoId, viewers, 60);
      for (const viewer of viewers) viewer.close();
    },
    TEST_MS,
  );
});

describe('viewers of two datacenters', () => {
  test(
    'see the same totals after one datacenter lost the data of its Redis',
    async () => {
      const videoId = freshId('video');
      const [here, there] = watchers(videoId);
      await like(videoId, 3);
      await expectTotal(
        videoId,
        [here, there].filter((each) => each !== undefined),
        6,
      );
      const redis = new Redis(datacenters.addresses('dc2').redis);
      await redis.flushall();
      redis.disconnect();
      // A like in one datacenter only: the count of the other one must still be part of the total.
      await like(videoId, 1, [0]);
      const late = watchers(videoId);
      await expectTotal(
        videoId,
        [...late, here, there].filter((each) => each !== undefined),
        7,
      );
      for (const viewer of [...late, here, there]) viewer?.close();
    },
    TEST_MS,
  );

  test(
    'resume in the other one with their event ids',
    async () => {
      const videoId = freshId('video');
      const channel = `video:${videoId}`;
      const [viewer] = watchers(videoId);
      await like(videoId, 3);
      await eventually(() => expect(viewer?.total(channel)).toBe(6), REST_MS);
      viewer?.close();
      await like(videoId, 2);
      const moved = new StreamClient(urlOf(1), [channel], {
        query,
        lastEventId: viewer?.lastEventId ?? '',
        totals: new Map([[channel, 6]]),
      });
      await expectTotal(videoId, [moved], 10);
      expect(moved.all('snapshot')).toEqual([]);
      moved.close();
    },
    TEST_MS,
  );
});
