import { eventually, metric, post } from '../end-to-end/api';
import { type ClientRun, expectTotal, others, TEST_MS, WAIT_MS } from './client-run';

const TABS = 20;

/** Longer than the time after which a tab takes the lead. */
const SILENCE_MS = 60_000;

/** One stream for all tabs. */
export function describeTabs(given: () => ClientRun): void {
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
      const atClose = run.front.count('GET /stream');
      await page.run('live.close()');
      await eventually(
        () => expect(run.front.count('GET /stream')).toBeGreaterThan(atClose),
        WAIT_MS,
      );
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

  it(
    'takes the lead from a tab that is silent',
    async () => {
      const run = given();
      const { page } = run;
      await page.open({ channel: 'video:silent' });
      await expectTotal(page, 0);
      await page.openFrames(2, { channel: 'video:silent' });
      const expectAll = (total: number) =>
        eventually(async () => {
          const all = [await page.seen(), ...(await page.seenInFrames())];
          expect(all.map(({ totals }) => totals.at(-1))).toEqual([total, total, total]);
          return all;
        }, SILENCE_MS);
      await expectAll(0);
      const before = run.front.count('GET /stream');
      // As if this tab, which leads, was frozen: its lock stays, and the others hear nothing.
      await page.run(`window.post = BroadcastChannel.prototype.postMessage;
        BroadcastChannel.prototype.postMessage = () => {}`);
      await others(run, 'silent', 3);
      await expectAll(3);
      expect(run.front.count('GET /stream') - before).toBeLessThanOrEqual(2);
      await page.run('BroadcastChannel.prototype.postMessage = post; tap(1)');
      await others(run, 'silent', 1);
      for (const seen of await expectAll(5))
        expect(seen).toMatchObject({ wrong: null, errors: [] });
      expect(await metric(run.server.adminUrl, 'likestream_viewers')).toBe(1);
    },
    TEST_MS,
  );
}
