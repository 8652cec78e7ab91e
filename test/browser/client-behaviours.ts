import { z } from 'zod';
import { eventually, metric, post, range, totalOf } from '../end-to-end/api';
import { SECRET, token } from '../runtime/members/tokens';
import { describeFailures, describeProxies } from './client-failures';
import {
  type ClientRun,
  expectState,
  expectTotal,
  others,
  randomly,
  runFor,
  statesOf,
  TEST_MS,
  WAIT_MS,
} from './client-run';
import { describeTabs } from './client-tabs';
import type { EngineKind } from './engines/engine';

/** Notes whether the page was kept, or loaded again: then this is gone. */
const SHOW_AGAIN = `addEventListener('pageshow', (event) => { window.isKept = event.persisted; })`;

/** The event of a page that is kept, or shown again. */
const transition = (name: string) =>
  `dispatchEvent(new PageTransitionEvent('${name}', { persisted: true }))`;

const TAPS = 10_000;
const TAPS_AT_ONCE = 500;

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

/** A page that the browser keeps while another one is shown. */
function describeCache(given: () => ClientRun, { keepsPages, name }: EngineKind): void {
  const how = keepsPages ? 'for real' : `by its events: ${name} loads such a page again`;

  it(
    `goes on if the browser shows it again from its back-forward cache (${how})`,
    async () => {
      const run = given();
      const { page } = run;
      const viewers = () => metric(run.server.adminUrl, 'likestream_viewers');
      await page.open({ channel: 'video:back' }, SHOW_AGAIN);
      await expectTotal(page, 0);
      await page.run('tap(2)');
      await expectTotal(page, 2);
      await (keepsPages ? page.leave() : page.run(transition('pagehide')));
      await eventually(async () => expect(await viewers()).toBe(0), WAIT_MS);
      await others(run, 'back', 3);
      await (keepsPages ? page.back() : page.run(transition('pageshow')));
      const seen = await expectTotal(page, 5);
      expect(seen).toMatchObject({ snapshots: 1, wrong: null, errors: [] });
      expect(await run.engine.evaluate('window.isKept')).toBe(true);
      expect(await viewers()).toBe(1);
      await page.run('tap(1)');
      await expectTotal(page, 6);
      await eventually(async () => expect(await totalOf(run.server.url, 'back')).toBe(6), WAIT_MS);
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

/** The behaviour of the browser client in one browser. */
export function describeClient(kind: EngineKind, executable: string): void {
  const run = runFor(kind, executable);
  describeFailures(run);
  describeProxies(run);
  describePages(run);
  describeCache(run, kind);
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
