import { post, totalOf } from '../end-to-end/api';
import {
  type ClientRun,
  expectComments,
  expectTotal,
  others,
  statesOf,
  TEST_MS,
} from './client-run';

/** Failures of the network and of clocks. */
export function describeFailures(given: () => ClientRun): void {
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
      await expectTotal(page, 5);
      const seen = await expectComments(page, ['meanwhile']);
      expect(seen).toMatchObject({ snapshots: 1, errors: [], wrong: null });
      expect(statesOf(seen).slice(-3)).toEqual(['connecting', 'connecting', 'connected']);
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

/** What a proxy may answer instead of the server. */
export function describeProxies(given: () => ClientRun): void {
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
    'comes back without its place if a proxy finds the head too large',
    async () => {
      const run = given();
      const { page } = run;
      await page.open({ channel: 'video:431' });
      await others(run, '431', 2);
      await expectTotal(page, 2);
      let refused = 0;
      run.front.fault = (name, headers) => {
        if (name !== 'GET /stream' || headers['last-event-id'] === undefined) return undefined;
        refused++;
        return '431';
      };
      run.front.cutStreams();
      await others(run, '431', 3);
      const seen = await expectTotal(page, 5);
      expect(refused).toBe(1);
      expect(seen).toMatchObject({ snapshots: 2, wrong: null, errors: [] });
      expect(statesOf(seen)).not.toContain('refused');
      // The next one has its place again.
      run.front.fault = () => undefined;
      run.front.cutStreams();
      await others(run, '431', 1);
      expect(await expectTotal(page, 6)).toMatchObject({ snapshots: 2, wrong: null });
    },
    TEST_MS,
  );
}
