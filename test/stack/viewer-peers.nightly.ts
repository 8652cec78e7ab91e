// Viewers come and go in two datacenters, while their link is cut, a frontend is killed, and a
// datacenter is killed. It takes minutes, so `npm test` leaves it out and .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/stack/viewer-peers.nightly.ts'

import { pause } from '../end-to-end/api';
import { StreamClient } from '../end-to-end/stream-client';
import { LightStream } from './light-stream';
import { tokenOf } from './member-tokens';
import { PeerSites } from './peer-sites';

const START_MS = 400_000;
const TEST_MS = 600_000;
/** Half of them are open at a time. */
const VIEWERS = 200;
const CHANGE_EVERY_MS = 50;
const SAMPLE_MS = 50;
const CHURN_MS = 30_000;
const STAYS_MS = 4_000;
/** The contract; a datacenter is judged dead after 15 s, and MirrorMaker starts for a while. */
const RIGHT_MS = { change: 3_000, kill: 9_000, cut: 20_000, link: 45_000 };
/** What a busy machine may add. */
const SLACK_MS = 15_000;
const CHANNEL = 'video:crowd';

const peers = new PeerSites();
const observers: StreamClient[] = [];
const streams: Set<LightStream>[] = [new Set(), new Set()];
/** The open streams of each datacenter, and whether the other one is heard. */
const open = [0, 0];
let isLinked = true;
let largestError = 0;

beforeAll(() => peers.start({ PARTITIONS: '4' }), START_MS);
afterAll(async () => {
  for (const observer of observers) observer.close();
  for (const stream of streams.flatMap((all) => [...all])) stream.close();
  await peers.end();
}, START_MS);

function add(at: number, by: number): void {
  open[at] = (open[at] ?? 0) + by;
}

async function come(at: number): Promise<void> {
  const stream: LightStream = new LightStream({
    url: peers.site(at).server.url,
    token: await tokenOf(`m${Math.floor(Math.random() * VIEWERS)}`),
    channels: [CHANNEL],
    opened: () => add(at, 1),
    closed() {
      streams[at]?.delete(stream);
      add(at, -1);
    },
  });
  streams[at]?.add(stream);
}

async function observe(at: number): Promise<void> {
  observers[at]?.close();
  const { headers } = peers;
  const observer = new StreamClient(peers.site(at).server.url, [CHANNEL], { headers });
  observers[at] = observer;
  await observer.next('ready');
  add(at, 1);
}

async function churn(ms: number): Promise<void> {
  for (const until = performance.now() + ms; performance.now() < until; ) {
    const at = Math.random() < 0.5 ? 0 : 1;
    const [first] = streams[at] ?? [];
    if (!first || Math.random() * VIEWERS > (streams[at]?.size ?? 0) * 2) await come(at);
    else first.close();
    await pause(CHANGE_EVERY_MS);
    sample();
  }
}

function expected(at: number): number {
  const [one = 0, other = 0] = open;
  if (isLinked) return one + other;
  return open[at] ?? 0;
}

/** Whether the observers of living frontends show the truth. */
function sample(): boolean {
  let isRight = true;
  for (const [at, observer] of observers.entries()) {
    if (observer.ended) continue;
    const last = observer.events.findLast(({ data }) => typeof data.viewers === 'number');
    const error = Math.abs(Number(last?.data.viewers ?? 0) - expected(at));
    largestError = Math.max(largestError, error);
    if (error > 0) isRight = false;
  }
  return isRight;
}

/** Says how long the numbers were wrong from now on; fails if they stay wrong. */
async function untilRight(what: string, mostMs: number): Promise<void> {
  const from = performance.now();
  const during = largestError;
  largestError = 0;
  for (let [now, wrongMs] = [0, 0]; now <= mostMs || now - wrongMs <= STAYS_MS; ) {
    await pause(SAMPLE_MS);
    now = performance.now() - from;
    if (!sample()) wrongMs = now;
    if (wrongMs > mostMs + SLACK_MS) throw new Error(`${what}: wrong by ${largestError}`);
    if (now <= mostMs || now - wrongMs <= STAYS_MS) continue;
    const seconds = (wrongMs / 1_000).toFixed(1);
    process.stdout.write(`${what}: right after ${seconds} s; largest error before ${during}\n`);
  }
  largestError = 0;
}

it(
  'the number of viewers is right in both datacenters soon after each change and fault',
  async () => {
    for (const at of [0, 1]) await observe(at);
    // MirrorMaker finds the topics only some time after they were made.
    await untilRight('the first two streams', RIGHT_MS.link);
    for (let count = 0; count < VIEWERS / 2; count++) await come(count % 2);
    await untilRight('opening 100', RIGHT_MS.change);
    await churn(CHURN_MS);
    await untilRight('coming and going', RIGHT_MS.change);

    await peers.datacenters.mirror.kill();
    isLinked = false;
    await untilRight('the link was cut', RIGHT_MS.cut);
    await churn(CHURN_MS / 3);
    await untilRight('coming and going without a link', RIGHT_MS.change);
    await peers.datacenters.link();
    isLinked = true;
    await untilRight('the link is back', RIGHT_MS.link);

    const { server } = peers.site(0);
    await server.end('SIGKILL');
    add(0, -1);
    await untilRight('a frontend was killed', RIGHT_MS.kill);
    await server.start();
    await observe(0);
    await churn(CHURN_MS / 3);
    await untilRight('it is back', RIGHT_MS.change);

    const { dispatchers } = peers.site(0);
    await Promise.all([server, ...dispatchers].map((role) => role.end('SIGKILL')));
    add(0, -1);
    for (const part of ['kafka', 'redis'] as const) {
      await peers.datacenters.stack('dc1').kill(part, 'SIGKILL');
    }
    await untilRight('a datacenter was killed', RIGHT_MS.cut);
  },
  TEST_MS,
);
