import { eventually, range } from '../end-to-end/api';
import { SECRET } from '../runtime/members/tokens';
import { TalkSite } from './talk-site';
import { SHOWN_MS, type TalkWindow } from './talk-window';

const TEST_MS = 120_000;

const ROUNDS = 15;
const A_ROUND = 10;

/** More rows than are in view stay above it for a while. */
const MOST_WHILE_FAST = 100;

let site: TalkSite;
beforeAll(async () => {
  // One member writes all comments.
  site = await TalkSite.start({ env: { JWT_SECRET: SECRET, COMMENT_RATE_LIMIT: '0' } });
}, TEST_MS);
afterEach(() => site.closeWindows());
afterAll(() => site?.end(), TEST_MS);

const COUNT = "document.querySelectorAll('.comment').length";

const name = (at: number) => `number ${at}`;

/** Posts comments fast, calls `then` before the last ones, and returns all. */
async function crowd(video: string, then: () => Promise<void>): Promise<string[]> {
  for (const round of range(ROUNDS)) {
    if (round === ROUNDS - 1) await then();
    await Promise.all(range(A_ROUND).map((at) => site.comment(video, name(round * A_ROUND + at))));
  }
  return range(ROUNDS * A_ROUND)
    .map(name)
    .toSorted();
}

/** Waits until the window has each comment once. */
async function expectAll(window: TalkWindow, all: readonly string[]): Promise<void> {
  await eventually(async () => expect((await window.texts()).toSorted()).toEqual(all), SHOWN_MS);
}

describe('comments that come too fast to be read', () => {
  it(
    'get few rows, and all of them once they come slowly',
    async () => {
      const window = await site.open('fast', 'ann');
      const all = await crowd('fast', async () => {
        expect(await window.page.evaluate(COUNT)).toBeLessThanOrEqual(MOST_WHILE_FAST);
      });
      await expectAll(window, all);
      expect(window.problems).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'get all their rows when the viewer scrolls up',
    async () => {
      const window = await site.open('up', 'ann');
      const up = "document.querySelector('.scroller').scrollTo(0, -200)";
      const all = await crowd('up', async () => {
        expect(await window.page.evaluate(COUNT)).toBeLessThanOrEqual(MOST_WHILE_FAST);
        await window.page.evaluate(up);
        await eventually(async () => {
          expect(await window.page.evaluate(COUNT)).toBe((ROUNDS - 1) * A_ROUND);
        }, SHOWN_MS);
      });
      await expectAll(window, all);
    },
    TEST_MS,
  );
});
