import { type Answer, eventually, likeIn, post, range, tapId } from './api';
import { expectCounted } from './counted';
import { endServers, Server } from './server';
import { rowsIn } from './store';

const HOUR_MS = 3_600_000;

/** Kinds of ids; the server recognises repeats of each in a different way. */
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

function statusesOf(answers: readonly Answer[]): number[] {
  return answers.map(({ status }) => status).sort();
}

/** One of the answers is 201, and so are those to requests that waited for it; others are 200. */
function expectAccepted(answers: readonly Answer[]): void {
  const statuses = statusesOf(answers);
  expect(statuses.at(-1)).toBe(201);
  expect(statuses.filter((status) => status !== 200 && status !== 201)).toEqual([]);
}

describe.each(KINDS)('a repeated likeId that is %s', (_kind, makeId) => {
  it('is answered with 200 and the body of the first answer', async () => {
    const likeId = makeId();
    const first = await post(server.url, likeId, { likeId, reaction: 'love' });
    // An answer that is made anew would have a later time.
    await eventually(() => expect(Date.now()).toBeGreaterThan(likeIn(first).at));
    const again = await post(server.url, likeId, { likeId, reaction: 'funny' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.text).toBe(first.text);
    await expectCounted(server, likeId, 1);
  });

  it('is counted once if it is sent 20 times at once, with 20 equal answers', async () => {
    const likeId = makeId();
    const answers = await Promise.all(
      range(20).map((n) => post(server.url, likeId, { likeId, reaction: n % 2 ? 'love' : 'like' })),
    );
    expectAccepted(answers);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    await expectCounted(server, likeId, 1);
  });

  it('is counted once if single likes and batches with it are sent at once', async () => {
    const likeId = makeId();
    const bodies = range(10).flatMap(() => [{ likeId }, { likes: [{ likeId }, { likeId }] }]);
    const answers = await Promise.all(bodies.map((body) => post(server.url, likeId, body)));
    expectAccepted(answers);
    await expectCounted(server, likeId, 1);
  });
});

describe('a repeated likeId after a restart', () => {
  const ids = KINDS.map(([, makeId]) => makeId());
  let first: Answer[];

  beforeAll(async () => {
    first = await Promise.all(
      ids.map((likeId) => post(server.url, likeId, { likeId, reaction: 'support' })),
    );
    await server.stop();
    server = await server.startAgain();
  });

  it('is counted once, and is answered with the first body if that is stored', async () => {
    for (const [n, likeId] of ids.entries()) {
      const again = await post(server.url, likeId, { likeId, reaction: 'funny' });
      const mayBeUnknown = n === 0;
      expect(mayBeUnknown ? [200, 201] : [200]).toContain(again.status);
      if (again.status === 200) expect(again.text).toBe(first[n]?.text);
      expect(likeIn(again)).toMatchObject({ likeId, videoId: likeId });
      await expectCounted(server, likeId, 1);
      expect((await rowsIn(server.dataDir, likeId))[0]?.reaction).toBe('support');
    }
  });

  it('is counted once after a second restart, and after a crash', async () => {
    for (const end of ['stop', 'kill'] as const) {
      await server[end]();
      server = await server.startAgain();
      for (const likeId of ids) {
        expect([200, 201]).toContain((await post(server.url, likeId, { likeId })).status);
        await expectCounted(server, likeId, 1);
      }
    }
  });
});

describe('a likeId that is repeated for longer than the dedupe window', () => {
  it('is counted once, also across restarts and crashes', async () => {
    let other = await Server.startToReturn({ env: { DEDUPE_WINDOW_MS: '1500' } });
    const ids = KINDS.map(([, makeId]) => makeId());
    const began = Date.now();
    for (let turn = 0; Date.now() - began < 5_000; turn++) {
      const answers = await Promise.all(ids.map((likeId) => post(other.url, likeId, { likeId })));
      for (const { status } of answers) expect([200, 201]).toContain(status);
      if (turn % 8 !== 7) continue;
      await (turn % 16 === 15 ? other.kill() : other.stop());
      other = await other.startAgain();
    }
    for (const likeId of ids) await expectCounted(other, likeId, 1);
  });
});
