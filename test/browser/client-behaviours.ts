import { z } from 'zod';
import { eventually, metric, post, range, totalOf } from '../end-to-end/api';
import { endServers, Server } from '../end-to-end/server';
import { SECRET, token } from '../runtime/members/tokens';
import { ClientPage, type Seen } from './client-page';
import type { Engine, EngineKind } from './engines/engine';
import { FaultyFront, PAGE_PATH } from './faulty-front';
import { LoopbackProxy } from './loopback-proxy';

const START_MS = 180_000;
const TEST_MS = 120_000;
const WAIT_MS = 30_000;
const TABS = 20;
const TAPS = 10_000;
const TAPS_AT_ONCE = 500;

/** The parts of one run: a server, its front, and a browser. */
export class ClientRun {
  private constructor(
    public server: Server,
    readonly front: FaultyFront,
    readonly engine: Engine,
    private readonly proxy: LoopbackProxy,
  ) {}

  static async start(kind: EngineKind, executable: string, env = {}): Promise<ClientRun> {
    const server = await Server.startToReturn({ env });
    const front = await FaultyFront.start(server.port);
    const proxy = await LoopbackProxy.start();
    return new ClientRun(server, front, await kind.start(executable, proxy.port), proxy);
  }

  get page(): ClientPage {
    return new ClientPage(this.engine, this.front.url + PAGE_PATH);
  }

  async end(): Promise<void> {
    await this.engine.end();
    this.front.close();
    this.proxy.close();
    await endServers();
  }
}

async function expectTotal(page: ClientPage, total: number): Promise<Seen> {
  return eventually(async () => {
    const seen = await page.seen();
    expect(seen.totals.at(-1)).toBe(total);
    return seen;
  }, WAIT_MS);
}

const statesOf = ({ statuses }: Seen): string[] => statuses.map(({ state }) => state);

async function expectState(page: ClientPage, state: string): Promise<void> {
  await eventually(async () => expect(statesOf(await page.seen()).at(-1)).toBe(state), WAIT_MS);
}

/** A random number from 0 to 1, always the same sequence. */
function randomly(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** Starts a run for the tests of a block, and ends it after them. */
function runFor(kind: EngineKind, executable: string, env = {}): () => ClientRun {
  let run: ClientRun;
  beforeAll(async () => {
    run = await ClientRun.start(kind, executable, env);
  }, START_MS);
  afterEach(() => {
    run.front.fault = () => undefined;
  });
  afterAll(() => run?.end(), START_MS);
  return () => run;
}

/** Likes of other people. */
async function others(run: ClientRun, video: string, count: number): Promise<void> {
  const likes = range(count).map(() => ({}));
  expect((await post(run.server.url, video, { likes })).status).toBe(201);
}

/** Failures of the network, a proxy and clocks. */
function describeFailures(given: () => ClientRun): void {
  it(
    'comes back after a cut, and misses nothing',
    async () => {
      const run = given();
      const { page } = run;
      await page.open({ channel: 'video:cut' });
      await expectTotal(page, 0);
      await others(run, 'cut', 2);
      await expectTotal(page, 2);
      run.front.cutStreams();
      await others(run, 'cut', 3);
      await post(run.server.url, 'cut', { text: 'meanwhile' }, { type: 'comments' });
      const seen = await expectTotal(page, 5);
      expect(seen).toMatchObject({
        snapshots: 1,
        comments: ['meanwhile'],
        errors: [],
        wrong: null,
      });
      expect(statesOf(seen).slice(-3)).toEqual(['connecting', 'connecting', 'connected']);
    },
    TEST_MS,
  );

  it(
    'comes back after a proxy has answered 502',
    async () => {
      const run = given();
      const { page } = run;
      let left = 3;
      run.front.fault = (name) => (name === 'GET /stream' && left-- > 0 ? '502' : undefined);
      await page.open({ channel: 'video:502' });
      await others(run, '502', 2);
      const seen = await expectTotal(page, 2);
      expect(seen.statuses.filter(({ reason }) => reason === '502')).not.toHaveLength(0);
    },
    TEST_MS,
  );

  it(
    'needs no right clock',
    async () => {
      const run = given();
      for (const [video, step] of [
        ['ahead', 3_600_000],
        ['behind', -315_360_000_000],
      ] as const) {
        const { page } = run;
        await page.open({ channel: `video:${video}` });
        await expectTotal(page, 0);
        await page.run(`const now = Date.now; Date.now = () => now() + ${step}; tap(2)`);
        await expectTotal(page, 2);
        run.front.cutStreams();
        await others(run, video, 2);
        expect(await expectTotal(page, 4)).toMatchObject({ wrong: null });
        expect(await totalOf(run.server.url, video)).toBe(4);
      }
    },
    TEST_MS,
  );
}

/** How a page begins and pauses. */
function describePages(given: () => ClientRun): void {
  it(
    'closes the stream of a hidden page, and catches up',
    async () => {
      const run = given();
      const { page } = run;
      const hide = `Object.defineProperty(document, 'hidden', { get: () => window.isHidden })`;
      const turn = (isHidden: boolean) =>
        `window.isHidden = ${isHidden}; document.dispatchEvent(new Event('visibilitychange'))`;
      await page.open({ channel: 'video:hidden', pauseAfterMs: 200 }, hide);
      await expectTotal(page, 0);
      await page.run(turn(true));
      await expectState(page, 'paused');
      await others(run, 'hidden', 4);
      await page.run(turn(false));
      expect(await expectTotal(page, 4)).toMatchObject({ snapshots: 1 });
    },
    TEST_MS,
  );

  it(
    'goes to the next address if one fails',
    async () => {
      const run = given();
      const { page } = run;
      await page.open({ channel: 'video:next', url: ['http://127.0.0.1:9', run.front.url] });
      await expectTotal(page, 0);
      await page.run('tap(2)');
      await expectTotal(page, 2);
      await eventually(async () => expect(await totalOf(run.server.url, 'next')).toBe(2), WAIT_MS);
    },
    TEST_MS,
  );

  it(
    'goes on from a state that was rendered on the server',
    async () => {
      const run = given();
      const { page } = run;
      await others(run, 'rendered', 3);
      const answer = await fetch(`${run.server.url}/videos/rendered/likes`);
      const state = z.looseObject({ id: z.string() }).parse(await answer.json());
      await others(run, 'rendered', 2);
      await page.open({ channel: 'video:rendered', id: state.id, state });
      const { totals } = await expectTotal(page, 5);
      expect(totals).toContain(3);
    },
    TEST_MS,
  );
}

/** Likes, and what is shown of them. */
function describeLikes(given: () => ClientRun): void {
  it(
    'sends each tap once, also over a restart of the server',
    async () => {
      const run = given();
      const { page } = run;
      await page.open({ channel: 'video:restart' });
      await expectTotal(page, 0);
      await page.run('tap(3)');
      await expectTotal(page, 3);
      await run.server.kill();
      await page.run('tap(4)');
      await expectTotal(page, 7);
      run.server = await run.server.startAgain();
      await eventually(async () => {
        expect((await page.seen()).answers).toEqual(Array(7).fill(201));
      }, WAIT_MS);
      await others(run, 'restart', 5);
      expect(await expectTotal(page, 12)).toMatchObject({ snapshots: 1, wrong: null });
      expect(await totalOf(run.server.url, 'restart')).toBe(12);
    },
    TEST_MS,
  );

  it(
    'sends what was not answered with the next page',
    async () => {
      const run = given();
      const { page } = run;
      run.front.fault = (name) => (name.startsWith('POST') ? '502' : undefined);
      await page.open({ channel: 'video:later' });
      await expectTotal(page, 0);
      await page.run('tap(3)');
      await expectTotal(page, 3);
      await eventually(() =>
        expect(run.front.count('POST /videos/later/likes')).toBeGreaterThan(0),
      );
      run.front.fault = () => undefined;
      await page.open({ channel: 'video:other' });
      await eventually(async () => expect(await totalOf(run.server.url, 'later')).toBe(3), WAIT_MS);
    },
    TEST_MS,
  );

  it(
    `shows the truth with ${TAPS} taps, of which each fifth request fails`,
    async () => {
      const run = given();
      const { page } = run;
      const random = randomly(7);
      run.front.fault = () => {
        const number = random();
        if (number < 0.07) return 'before';
        if (number < 0.14) return 'after';
        return number < 0.2 ? '502' : undefined;
      };
      await page.open({ channel: 'video:taps' }, 'window.othersMade = 100');
      await expectTotal(page, 0);
      for (const _ of range(TAPS / TAPS_AT_ONCE)) {
        await page.run(`tap(${TAPS_AT_ONCE})`);
        await others(run, 'taps', 5);
      }
      const total = TAPS + (5 * TAPS) / TAPS_AT_ONCE;
      await eventually(async () => {
        expect(await totalOf(run.server.url, 'taps')).toBe(total);
      }, 2 * TEST_MS);
      expect(await expectTotal(page, total)).toMatchObject({ wrong: null, errors: [] });
    },
    3 * TEST_MS,
  );
}

/** One stream for all tabs. */
function describeTabs(given: () => ClientRun): void {
  it(
    `opens one stream for ${TABS} tabs, which another one goes on with`,
    async () => {
      const run = given();
      const { page } = run;
      await page.open({ channel: 'video:first' });
      await expectTotal(page, 0);
      const before = run.front.count('GET /stream');
      await page.openFrames(TABS - 1, { channel: 'video:tabs' });
      const expectTotals = (total: number, tabs: number) =>
        eventually(async () => {
          const all = await page.seenInFrames();
          expect(all.map(({ totals }) => totals.at(-1))).toEqual(Array(tabs).fill(total));
          return all;
        }, WAIT_MS);
      await expectTotals(0, TABS - 1);
      expect(await metric(run.server.adminUrl, 'likestream_viewers')).toBe(1);
      await page.run('frames[3].tap(2)');
      await expectTotals(2, TABS - 1);
      // The page itself leads; then its frames do.
      await page.run('live.close()');
      await post(run.server.url, 'tabs', { text: 'meanwhile' }, { type: 'comments' });
      await others(run, 'tabs', 3);
      await expectTotals(5, TABS - 1);
      await page.run('frames[0].frameElement.remove()');
      await post(run.server.url, 'tabs', { text: 'again' }, { type: 'comments' });
      await others(run, 'tabs', 1);
      const all = await expectTotals(6, TABS - 2);
      for (const seen of all) {
        expect(seen).toMatchObject({ comments: ['meanwhile', 'again'], snapshots: 1, wrong: null });
      }
      expect(await metric(run.server.adminUrl, 'likestream_viewers')).toBe(1);
      expect(run.front.count('GET /stream') - before).toBeLessThanOrEqual(3);
    },
    TEST_MS,
  );
}

/** The behaviour of the browser client in one browser. */
export function describeClient(kind: EngineKind, executable: string): void {
  const run = runFor(kind, executable);
  describeFailures(run);
  describePages(run);
  describeLikes(run);
  describeTabs(run);
}

/** The behaviour with tokens of a short life. */
export function describeTokens(kind: EngineKind, executable: string): void {
  const given = runFor(kind, executable, { JWT_SECRET: SECRET });

  it(
    'renews its token on the open stream, again and again before its end',
    async () => {
      const run = given();
      const { page } = run;
      run.front.tokenLifeS = 10;
      await page.open({ channel: 'video:renewed', hasToken: true });
      await expectTotal(page, 0);
      await eventually(
        () => expect(run.front.count('PUT /stream/ID/token')).toBeGreaterThanOrEqual(3),
        WAIT_MS,
      );
      await page.run('tap(2)');
      await expectTotal(page, 2);
      expect(run.front.count('GET /stream')).toBe(1);
      expect(statesOf(await page.seen())).toEqual(['connecting', 'connected']);
    },
    TEST_MS,
  );

  it(
    'stops if the server refuses it, and says why',
    async () => {
      const run = given();
      const { page } = run;
      await page.open({ channel: 'video:refused' });
      await expectState(page, 'refused');
      expect((await page.seen()).statuses.at(-1)).toMatchObject({ reason: 'unauthorized' });
      const likes = await post(
        run.server.url,
        'refused',
        {},
        {
          headers: { Authorization: `Bearer ${token({ sub: 'bo', exp: 4_000_000_000 })}` },
        },
      );
      expect(likes.status).toBe(201);
    },
    TEST_MS,
  );
}
