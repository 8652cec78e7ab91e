// Pauses and bans in two datacenters, each with its own Cassandra node. It takes minutes, so
// `npm test` leaves it out and .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/**/*.nightly.ts'

import { freshId } from '../contract/time';
import { call, pause, post, range } from '../end-to-end/api';
import { StreamClient } from '../end-to-end/stream-client';
import { CassandraNodes } from './cassandra-nodes';
import { PeerSites } from './peer-sites';

const START_MS = 400_000;
const TEST_MS = 200_000;
const CHANGES = 20;
const PROBE_MS = 5;
/** What the contract promises, and what a busy machine may add. */
const MAX_MS = 10_000;

const ADMIN_SECRET = 'a-secret-of-the-operators';
const admin = { headers: { Authorization: `Bearer ${ADMIN_SECRET}` } };

let peers: PeerSites;
const viewers: StreamClient[] = [];

beforeAll(async () => {
  const cassandras = await CassandraNodes.choose(2);
  peers = new PeerSites(['dc1', 'dc2'], { cassandras });
  await peers.start({ ADMIN_SECRET });
}, START_MS);

afterAll(async () => {
  for (const viewer of viewers) viewer.close();
  await peers.end();
}, START_MS);

/** Sends an admin call to the first datacenter. */
async function change(method: 'PUT' | 'DELETE', path: string): Promise<number> {
  const { adminUrl } = peers.site(0).server;
  const sentAt = performance.now();
  expect((await call(adminUrl, method, path, admin)).status).toBe(204);
  return sentAt;
}

/** Likes in each datacenter until the answers have this status; resolves with the times, ms. */
function untilStatus(status: number, video: string, sentAt: number): Promise<number[]> {
  return Promise.all(
    range(2).map(async (at) => {
      for (;;) {
        const { url } = peers.site(at).server;
        const answer = await post(url, video, {}, { headers: peers.headers });
        const ms = performance.now() - sentAt;
        if (answer.status === status) return ms;
        if (ms > MAX_MS) throw new Error(`${answer.status} in ${peers.names[at]} after ${ms} ms`);
        await pause(PROBE_MS);
      }
    }),
  );
}

function report(what: string, times: readonly number[][]): void {
  const of = (at: number): string => {
    const sorted = times.map((each) => each[at] ?? 0).sort((one, other) => one - other);
    const quantile = (q: number) => Math.round(sorted[Math.floor(q * (sorted.length - 1))] ?? 0);
    return `${peers.names[at]} p50 ${quantile(0.5)}, max ${quantile(1)} ms`;
  };
  process.stdout.write(`${what}: ${range(2).map(of).join('; ')} (${times.length} changes)\n`);
}

it(
  'a pause, and its end, take effect in both datacenters',
  async () => {
    const times: number[][] = [];
    for (let at = 0; at < CHANGES; at++) {
      const video = freshId('video');
      const paused = await change('PUT', `/admin/videos/${video}/paused`);
      times.push(await untilStatus(403, video, paused));
      const ended = await change('DELETE', `/admin/videos/${video}/paused`);
      times.push(await untilStatus(201, video, ended));
    }
    report('pause', times);
  },
  TEST_MS,
);

it(
  "a ban ends the member's streams in both datacenters",
  async () => {
    const times: number[][] = [];
    for (let at = 0; at < CHANGES; at++) {
      const memberId = freshId('member');
      const query = `access_token=${await peers.tokenOf(memberId)}`;
      const own = range(2).map(
        (site) => new StreamClient(peers.site(site).server.url, ['video:a'], { query }),
      );
      viewers.push(...own);
      await Promise.all(own.map((viewer) => viewer.next('snapshot')));
      const sentAt = await change('PUT', `/admin/members/${memberId}/banned`);
      const ended = own.map(async (viewer) => {
        expect((await viewer.next('bye')).data.reason).toBe('banned');
        return performance.now() - sentAt;
      });
      times.push(await Promise.all(ended));
    }
    report('ban', times);
  },
  TEST_MS,
);
