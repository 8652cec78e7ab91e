import {
  type Answer,
  call,
  eventually,
  likesIn,
  post,
  problemIn,
  range,
  tapId,
  totalOf,
} from './api';
import { expectExact, type Ledger } from './poster';
import { endServers, Server } from './server';
import { SmallDisk } from './small-disk';
import { StreamClient } from './stream-client';

const DISK_MB = 24;
const ROOM = 512 * 1024;
const MOST_POSTS = 4_000;
const AT_REST_MS = 5_000;
const AFTER_FAULT_MS = 60_000;

let disk: SmallDisk;
let server: Server;
let viewer: StreamClient;
const asked = new Set<string>();
const answered = new Set<string>();
const ledger: Ledger = { asked, answered };

beforeAll(async () => {
  disk = await SmallDisk.mount(DISK_MB);
  server = await Server.startToReturn({ dataDir: disk.inside, within: disk.within });
  viewer = new StreamClient(server.url, ['video:full'], { reconnects: true });
  await viewer.next('snapshot');
});
afterAll(async () => {
  viewer?.close();
  await endServers();
  await disk?.unmount();
});

async function send(count: number): Promise<Answer> {
  const likes = range(count).map((n) => ({ likeId: n % 2 ? tapId() : `tap-${tapId()}` }));
  for (const { likeId } of likes) asked.add(likeId);
  const answer = await post(server.url, 'full', { likes });
  if (answer.status < 300) for (const { likeId } of likesIn(answer)) answered.add(likeId);
  return answer;
}

/** The server with the path of its data outside of the namespace. */
function seen(): Server {
  return Object.create(server, { dataDir: { value: disk.outside } });
}

async function fillUp(): Promise<Answer> {
  disk.fill(ROOM);
  for (const _ of range(MOST_POSTS)) {
    const answer = await send(50);
    if (answer.status >= 300) return answer;
  }
  throw new Error(`the disk is not full: ${disk.free} bytes are left`);
}

function expectRefusal(answer: Answer): void {
  expect(answer.status).toBe(503);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect(['log_unavailable', 'store_unavailable']).toContain(problemIn(answer).code);
}

async function readiness(): Promise<string> {
  const { status, text } = await call(server.adminUrl, 'GET', '/health/ready');
  return `${status} ${text}`;
}

const READY = '200 {"status":"ready"}';
const WITHOUT_DISK = '503 {"status":"waiting","missing":["disk"]}';

describe('a disk that is full', () => {
  it('refuses likes with 503, each of them completely', async () => {
    for (const _ of range(5)) expect((await send(10)).status).toBe(201);
    expect(await readiness()).toBe(READY);
    expectRefusal(await fillUp());
    await eventually(async () => expect(await readiness()).toBe(WITHOUT_DISK), AT_REST_MS);
    // After a refusal, another request may still fit into pages that the database has freed.
    for (let refused = 0, sent = 0; refused < 10; sent++) {
      expect(sent).toBeLessThan(MOST_POSTS);
      const answer = await send(sent % 2 ? 1 : 50);
      if (answer.status === 201) continue;
      expectRefusal(answer);
      refused += 1;
    }
    // Answered likes are counted even while states cannot be saved; GET may then be behind.
    await eventually(() =>
      expect(viewer.total('video:full')).toBeGreaterThanOrEqual(answered.size),
    );
    expect(await totalOf(server.url, 'full')).toBeGreaterThan(0);
  });

  it('does not stop streams, nor new ones', async () => {
    const other = new StreamClient(server.url, ['video:full']);
    const { data } = await other.next('snapshot');
    other.close();
    expect(data.total).toBeGreaterThanOrEqual(answered.size);
  });

  it('is recovered from without a restart, and all counts are exact', async () => {
    disk.clear();
    await eventually(async () => expect((await send(10)).status).toBe(201), AT_REST_MS);
    await eventually(async () => expect(await readiness()).toBe(READY), AT_REST_MS);
    await expectExact(seen(), 'full', ledger, [viewer], AFTER_FAULT_MS);
  }, 90_000);

  it('may occur repeatedly while many clients post', async () => {
    for (const _ of range(3)) {
      await fillUp();
      const answers = await Promise.all(range(30).map((n) => send((n % 5) + 1)));
      for (const answer of answers) if (answer.status >= 300) expectRefusal(answer);
      disk.clear();
      await eventually(async () => expect((await send(10)).status).toBe(201), AT_REST_MS);
    }
    await expectExact(seen(), 'full', ledger, [viewer], AFTER_FAULT_MS);
  }, 90_000);

  it('and a crash leave exact counts, also after a start on the full disk', async () => {
    await fillUp();
    await server.kill();
    server = await server.startAgain();
    await send(1);
    disk.clear();
    await eventually(async () => expect((await send(10)).status).toBe(201), AT_REST_MS);
    await expectExact(seen(), 'full', ledger, [viewer], AFTER_FAULT_MS);
    expect(viewer.all('snapshot')).toHaveLength(1);
    expect((await server.stop()).code).toBe(0);
  }, 90_000);
});
