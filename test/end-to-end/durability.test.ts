import { eventually, range, totalOf } from './api';
import { expectExact, Poster } from './poster';
import { endServers, Server } from './server';
import { idsIn } from './store';
import { StreamClient } from './stream-client';

/** Crashes of a run; `KILLS=200` is the long one. */
const KILLS = Number(process.env.KILLS ?? 10);

const VIDEO = 'crash';
const LIKES_BETWEEN_KILLS = 500;
const ANSWERED_MS = 10_000;
const A_KILL_MS = 3_000;

// The promise: at rest after 5 s, and a minute after a crash between log and store.
const AT_REST_MS = 5_000;
const AFTER_CRASH_MS = 60_000;

let server: Server;
const viewers: StreamClient[] = [];
afterAll(async () => {
  for (const viewer of viewers) viewer.close();
  await endServers();
});

describe('kill -9 under load', () => {
  it(
    `${KILLS} times loses no answered like and counts none twice, also for viewers`,
    async () => {
      server = await Server.startToReturn();
      const { url } = server;
      viewers.push(...range(4).map(() => watch(url)));
      const poster = new Poster({ url: () => url, videoId: VIDEO, clients: 8 });
      for (const kill of range(KILLS)) {
        const enough = poster.answered.size + 1 + Math.random() * LIKES_BETWEEN_KILLS;
        await eventually(() => expect(poster.answered.size).toBeGreaterThan(enough), ANSWERED_MS);
        if (kill % 3 === 0) viewers[1]?.cut();
        expect((await server.kill()).signal).toBe('SIGKILL');
        server = await server.startAgain();
        await expectNoneLost(poster.answered);
      }
      await poster.stop();
      await expectAnsweredCounted(poster.answered.size);
      await expectExact(server, VIDEO, poster, viewers, AFTER_CRASH_MS);
      expectNoStepBack();
      await expectKept(poster);
    },
    60_000 + KILLS * A_KILL_MS + AFTER_CRASH_MS,
  );
});

function watch(url: string): StreamClient {
  return new StreamClient(url, [`video:${VIDEO}`], { reconnects: true });
}

/** The store has the row of every answered like. */
async function expectNoneLost(answered: ReadonlySet<string>): Promise<void> {
  const before = [...answered];
  const rows = await idsIn(server.dataDir, VIDEO);
  expect(before.filter((likeId) => !rows.has(likeId))).toEqual([]);
}

async function expectAnsweredCounted(answered: number): Promise<void> {
  expect(answered).toBeGreaterThan(KILLS * 10);
  const counted = async () =>
    expect(await totalOf(server.url, VIDEO)).toBeGreaterThanOrEqual(answered);
  await eventually(counted, AT_REST_MS);
}

function expectNoStepBack(): void {
  for (const viewer of viewers) {
    expect(viewer.faults).toEqual([]);
    expect(viewer.connections).toBeGreaterThan(KILLS);
    expect(viewer.all('snapshot')).toHaveLength(1);
  }
}

/** A clean stop and a start change nothing. */
async function expectKept(poster: Poster): Promise<void> {
  const total = await totalOf(server.url, VIDEO);
  expect((await server.stop()).code).toBe(0);
  expect(await idsIn(server.dataDir, VIDEO)).toHaveProperty('size', total);
  server = await server.startAgain();
  expect(await expectExact(server, VIDEO, poster, viewers, AT_REST_MS)).toBe(total);
  const { answered, asked, statuses } = poster;
  const story = { kills: KILLS, total, answered: answered.size, asked: asked.size };
  process.stdout.write(`${JSON.stringify({ ...story, statuses: Object.fromEntries(statuses) })}\n`);
}
