import { type Answer, eventually, likeIn, pause, post, range, tapId, totalOf } from './api';
import { endServers, Server } from './server';
import { rowsIn } from './store';

const HOUR_MS = 3_600_000;

/** Ids of each kind that a repeat is told from a first one in another way. */
const KINDS: readonly [string, () => string][] = [
  ['a UUIDv7 of now', () => tapId()],
  ['a UUIDv7 of an hour ago', () => tapId(Date.now() - HOUR_MS)],
  ['a UUIDv7 of the next hour', () => tapId(Date.now() + HOUR_MS)],
  ['no UUID', () => `no-uuid-${Math.random().toString(36).slice(2)}`],
];

let server: Server;
beforeAll(async () => {
  server = await Server.startToReturn();
});
afterAll(endServers);

async function expectOne(at: Server, videoId: string): Promise<void> {
  await eventually(async () => expect(await totalOf(at.url, videoId)).toBe(1));
  await pause(50);
  expect(await totalOf(at.url, videoId)).toBe(1);
  expect(await rowsIn(at.dataDir, videoId)).toHaveLength(1);
}

function statusesOf(answers: readonly Answer[]): number[] {
  return answers.map(({ status }) => status).sort();
}

describe.each(KINDS)('the same likeId again, being %s', (_kind, makeId) => {
  it('is answered 200 with what the first one was answered', async () => {
    const likeId = makeId();
    const first = await post(server.url, likeId, { likeId, reaction: 'love' });
    await pause(10);
    const again = await post(server.url, likeId, { likeId, reaction: 'funny' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.text).toBe(first.text);
    await expectOne(server, likeId);
  });

  it('is counted once when 20 come at the same moment, and all get the same body', async () => {
    const likeId = makeId();
    const answers = await Promise.all(
      range(20).map((n) => post(server.url, likeId, { likeId, reaction: n % 2 ? 'love' : 'like' })),
    );
    expect(statusesOf(answers)).toEqual([...Array(19).fill(200), 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    await expectOne(server, likeId);
  });

  it('is counted once when single ones and batches meet', async () => {
    const likeId = makeId();
    const bodies = range(10).flatMap(() => [{ likeId }, { likes: [{ likeId }, { likeId }] }]);
    const answers = await Promise.all(bodies.map((body) => post(server.url, likeId, body)));
    expect(statusesOf(answers)).toEqual([...Array(19).fill(200), 201]);
    await expectOne(server, likeId);
  });
});

describe('the same likeId after a restart', () => {
  const ids = KINDS.map(([, makeId]) => makeId());
  let first: Answer[];

  beforeAll(async () => {
    first = await Promise.all(
      ids.map((likeId) => post(server.url, likeId, { likeId, reaction: 'support' })),
    );
    await server.stop();
    server = await server.startAgain();
  });

  it('is counted once, and is answered with the first body where that can be known', async () => {
    for (const [n, likeId] of ids.entries()) {
      const again = await post(server.url, likeId, { likeId, reaction: 'funny' });
      const mayBeUnknown = n === 0;
      expect(mayBeUnknown ? [200, 201] : [200]).toContain(again.status);
      if (again.status === 200) expect(again.text).toBe(first[n]?.text);
      expect(likeIn(again)).toMatchObject({ likeId, videoId: likeId });
      await expectOne(server, likeId);
      expect((await rowsIn(server.dataDir, likeId))[0]?.reaction).toBe('support');
    }
  });

  it('is counted once after a second restart, and after a crash', async () => {
    for (const end of ['stop', 'kill'] as const) {
      await server[end]();
      server = await server.startAgain();
      for (const likeId of ids) {
        expect([200, 201]).toContain((await post(server.url, likeId, { likeId })).status);
        await expectOne(server, likeId);
      }
    }
  });
});

describe('the same likeId for longer than the window in which copies are known', () => {
  it('is counted once, through restarts and crashes too', async () => {
    let other = await Server.startToReturn({ env: { DEDUPE_WINDOW_MS: '1500' } });
    const ids = KINDS.map(([, makeId]) => makeId());
    const began = Date.now();
    for (let turn = 0; Date.now() - began < 5_000; turn++) {
      const answers = await Promise.all(ids.map((likeId) => post(other.url, likeId, { likeId })));
      for (const { status } of answers) expect([200, 201]).toContain(status);
      await pause(60);
      if (turn % 8 !== 7) continue;
      await (turn % 16 === 15 ? other.kill() : other.stop());
      other = await other.startAgain();
    }
    for (const likeId of ids) await expectOne(other, likeId);
  });
});
