// A page that was rendered from a GET is opened a minute and 500 likes later, in the datacenter of
// the GET and in the other one. It takes minutes, so `npm test` leaves it out and .ci/nightly runs
// it:
//   npx jest --testMatch '<rootDir>/test/stack/reading.nightly.ts'

import { z } from 'zod';
import { freshId } from '../contract/time';
import { call, eventually, pause, post, range, tapId } from '../end-to-end/api';
import { StreamClient } from '../end-to-end/stream-client';
import { PeerSites } from './peer-sites';

const START_MS = 400_000;
const TEST_MS = 300_000;
const LINKED_MS = 90_000;
const SOON_MS = 20_000;

const LIKES_BEFORE = 3;
const LIKES_AFTER = 500;
const LIKES_A_POST = 10;
/** The page is opened so long after it was rendered. */
const OPENED_AFTER_MS = 60_000;

const reading = z.object({ videoId: z.string(), total: z.int(), id: z.string() });
type Reading = z.infer<typeof reading>;

const peers = new PeerSites();
const videos = [freshId('video'), freshId('video')];
const channels = videos.map((video) => `video:${video}`);
const viewers: StreamClient[] = [];
/** The pages that each datacenter has rendered: of each video. */
let rendered: Reading[][] = [];

beforeAll(async () => {
  // Few partitions: a busy machine needs long to create those of all topics.
  await peers.start({ PARTITIONS: '4' });
  await like(LIKES_BEFORE);
  await untilTotal(LIKES_BEFORE);
  rendered = await readBoth();
  const began = performance.now();
  const posts = LIKES_AFTER / LIKES_A_POST;
  for (const at of range(posts)) {
    const due = began + ((at + 1) * OPENED_AFTER_MS) / posts;
    await pause(Math.max(0, due - performance.now()));
    await like(LIKES_A_POST, at);
  }
  await untilTotal(LIKES_BEFORE + LIKES_AFTER);
}, START_MS);

afterAll(async () => {
  for (const viewer of viewers) viewer.close();
  await peers.end();
}, START_MS);

/** Likes each video, in one datacenter after the other. */
async function like(count: number, at = 0): Promise<void> {
  const { headers } = peers;
  for (const video of videos) {
    const { url } = peers.site(at % 2).server;
    const body = { likes: range(count).map(() => ({ likeId: tapId() })) };
    // Servers that have just started may not answer in time.
    await eventually(async () => {
      const { status, text } = await post(url, video, body, { headers });
      if (status !== 201 && status !== 200) throw new Error(text);
    }, SOON_MS);
  }
}

/** What each datacenter answers of each video. */
function readBoth(): Promise<Reading[][]> {
  const { headers } = peers;
  const path = `/likes?${videos.map((video) => `videoId=${video}`).join('&')}`;
  return Promise.all(
    peers.sites.map(async ({ server }) => {
      const { text } = await call(server.url, 'GET', path, { headers });
      return z.array(reading).parse(JSON.parse(text).likes);
    }),
  );
}

async function untilTotal(total: number): Promise<void> {
  await eventually(async () => {
    for (const { total: read } of (await readBoth()).flat()) expect(read).toBe(total);
  }, LINKED_MS);
}

/** Opens pages that datacenter `from` has rendered in datacenter `to`. */
function open(from: number, to: number, of: readonly number[], events?: string): StreamClient {
  const pages = of.flatMap((at) => rendered[from]?.[at] ?? []);
  const parts = pages.map(({ id }) => `lastEventId=${encodeURIComponent(id)}`);
  const query = [...parts, ...(events ? [`events=${events}`] : [])].join('&');
  const totals = new Map(pages.map(({ total, videoId }) => [`video:${videoId}`, total]));
  const { headers } = peers;
  const viewer = new StreamClient(
    peers.site(to).server.url,
    of.map((at) => channels[at] ?? ''),
    { query, totals, headers },
  );
  viewers.push(viewer);
  return viewer;
}

const WAYS = [
  { from: 0, to: 0, name: 'in its datacenter' },
  { from: 0, to: 1, name: 'in the other datacenter' },
  { from: 1, to: 0, name: 'in the first datacenter, rendered in the other one' },
];

test.each(WAYS)(
  'a page with likes is sent one event with all new ones, $name',
  async ({ from, to }) => {
    const viewer = open(from, to, [0], 'likes');
    const { data } = await viewer.next('likes', () => true, SOON_MS);
    expect(data).toMatchObject({ total: LIKES_BEFORE + LIKES_AFTER, new: LIKES_AFTER });
    expect(viewer.events.map(({ name }) => name)).toEqual(['ready', 'likes']);
    expect(viewer.faults).toEqual([]);
  },
  TEST_MS,
);

test.each(WAYS)(
  'a page with all events is sent no snapshot with a total, $name',
  async ({ from, to }) => {
    const viewer = open(from, to, [0]);
    const { data } = await viewer.next('likes', () => true, SOON_MS);
    expect(data).toMatchObject({ total: LIKES_BEFORE + LIKES_AFTER, new: LIKES_AFTER });
    await viewer.next('snapshot', () => true, SOON_MS);
    for (const snapshot of viewer.all('snapshot')) expect(snapshot.data.total).toBeUndefined();
    expect(viewer.all('likes')).toHaveLength(1);
    expect(viewer.faults).toEqual([]);
  },
  TEST_MS,
);

test.each(WAYS)(
  'a page with two videos is sent one event of each, $name',
  async ({ from, to }) => {
    const viewer = open(from, to, [0, 1], 'likes');
    for (const channel of channels) {
      const isOfChannel = ({ data }: { data: { channel?: string | undefined } }) =>
        data.channel === channel;
      const { data } = await viewer.next('likes', isOfChannel, SOON_MS);
      expect(data).toMatchObject({ total: LIKES_BEFORE + LIKES_AFTER, new: LIKES_AFTER });
    }
    expect(viewer.events.map(({ name }) => name)).toEqual(['ready', 'likes', 'likes']);
    expect(viewer.faults).toEqual([]);
  },
  TEST_MS,
);

test(
  'a page goes on with each like after it was opened',
  async () => {
    const both = [open(0, 0, [0], 'likes'), open(0, 1, [0], 'likes')];
    for (const viewer of both) await viewer.next('likes', () => true, SOON_MS);
    await like(1, 1);
    const total = LIKES_BEFORE + LIKES_AFTER + 1;
    for (const viewer of both) {
      await viewer.next('likes', ({ data }) => data.total === total, SOON_MS);
      expect(viewer.all('snapshot')).toEqual([]);
      expect(viewer.faults).toEqual([]);
    }
  },
  TEST_MS,
);
