import { eventually, range } from '../end-to-end/api';
import { Poster } from '../end-to-end/poster';
import { StreamClient } from '../end-to-end/stream-client';
import { videosOfAllPartitions } from './partition-videos';
import type { Site } from './site';

/** Sessions, leases and reconnects need this time; then all counts must be exact. */
const REST_MS = 60_000;

const VIEWERS_A_FRONTEND = 5;
const LIKES_BEFORE = 150;
const LIKES_AFTER = 200;
const GAP_MS = 100;

/** The likes that `underLoad` posts. */
export interface Load {
  /** Resolves when `more` likes are answered. */
  answered(more: number): Promise<void>;
  /** Resolves when all likes that are answered by now are counted, in every partition. */
  counted(): Promise<void>;
  /** Resolves when every viewer shows all likes that are answered by now. */
  shown(): Promise<void>;
  /** The likes that are answered by now. */
  readonly likes: number;
}

/**
 * Posts about 100 likes per second to a video of each partition, with viewers on both frontends,
 * and runs `fault` in the middle; with more clients the rate is higher. Then checks that all counts
 * are exact.
 */
export async function underLoad(
  site: Site,
  fault: (load: Load) => Promise<void>,
  clients = 1,
): Promise<void> {
  const videos = videosOfAllPartitions();
  const channels = videos.map((videoId) => `video:${videoId}`);
  const query = `access_token=${site.token}`;
  const viewers = site.roles.frontend.flatMap(({ url }) =>
    range(VIEWERS_A_FRONTEND).map(
      () => new StreamClient(url, channels, { reconnects: true, query }),
    ),
  );
  let turn = 0;
  const url = () => site.roles.producer[turn++ % 2]?.url ?? '';
  const { headers } = site;
  const posters = videos.map(
    (videoId) => new Poster({ url, videoId, clients, gapMs: GAP_MS, headers }),
  );
  const stopped = () => Promise.all(posters.map((poster) => poster.stop()));
  try {
    const load = loadOf(site, videos, posters, viewers);
    await load.answered(LIKES_BEFORE);
    await fault(load);
    await load.answered(LIKES_AFTER);
    await stopped();
    for (const [at, poster] of posters.entries()) {
      await expectExact(site, videos[at] ?? '', poster, viewers);
    }
  } finally {
    await stopped();
    for (const viewer of viewers) viewer.close();
  }
}

function loadOf(
  site: Site,
  videos: readonly string[],
  posters: readonly Poster[],
  viewers: readonly StreamClient[],
): Load {
  const answeredByNow = (): number =>
    posters.reduce((sum, poster) => sum + poster.answered.size, 0);
  return {
    async answered(more) {
      const enough = answeredByNow() + more;
      await eventually(() => expect(answeredByNow()).toBeGreaterThanOrEqual(enough), REST_MS);
    },
    async counted() {
      for (const [at, { answered }] of posters.entries()) {
        const count = answered.size;
        const total = () => site.total(videos[at] ?? '');
        await eventually(async () => expect(await total()).toBeGreaterThanOrEqual(count), REST_MS);
      }
    },
    async shown() {
      const counts = posters.map(({ answered }) => answered.size);
      await eventually(() => {
        for (const [at, count] of counts.entries()) {
          const shown = viewers.map((viewer) => viewer.total(`video:${videos[at]}`) ?? 0);
          expect(Math.min(...shown)).toBeGreaterThanOrEqual(count);
        }
      }, REST_MS);
    },
    get likes() {
      return answeredByNow();
    },
  };
}

function expectExact(
  site: Site,
  videoId: string,
  { answered }: Poster,
  viewers: readonly StreamClient[],
): Promise<void> {
  return eventually(async () => {
    const rows = await site.rows(videoId);
    expect(answered.size).toBeGreaterThan(0);
    expect([...answered].filter((likeId) => !rows.has(likeId))).toEqual([]);
    expect({ total: await site.total(videoId), of: 'GET' }).toEqual({
      total: rows.size,
      of: 'GET',
    });
    for (const viewer of viewers) {
      expect(viewer.faults).toEqual([]);
      expect(viewer.total(`video:${videoId}`)).toBe(rows.size);
    }
  }, REST_MS);
}
