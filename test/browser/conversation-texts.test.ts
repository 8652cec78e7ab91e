import { SECRET } from '../runtime/members/tokens';
import { TalkSite } from './talk-site';

const TEST_MS = 120_000;

let site: TalkSite;
beforeAll(async () => {
  site = await TalkSite.start({ env: { JWT_SECRET: SECRET } });
}, TEST_MS);
afterEach(() => site.closeWindows());
afterAll(() => site?.end(), TEST_MS);

describe('texts on the page', () => {
  it(
    'shows texts as text, never as HTML',
    async () => {
      const [ann, bo] = await site.openTwo('markup');
      const text = '<img src="x" onerror="window.broken = true"><b>bold</b>';
      await ann.say(text);
      await bo.expectTexts(text);
      for (const { page } of [ann, bo]) {
        expect(await page.locator('.comment img, .comment .text b').count()).toBe(0);
        expect(await page.evaluate('window.broken')).toBeUndefined();
      }
    },
    TEST_MS,
  );

  it(
    'clips a text whose marks would be drawn over other rows, and no other one',
    async () => {
      await site.comment('marks', `a${'\u0335'.repeat(40)}`);
      await site.comment('marks', 'สวัสดีทุกคน');
      const ann = await site.open('marks', 'ann');
      await ann.expectTexts(`a${'\u0335'.repeat(40)}`, 'สวัสดีทุกคน');
      const words = "[...document.querySelectorAll('.comment .words')]";
      const overflows = await ann.page.evaluate(
        `${words}.map((row) => getComputedStyle(row).overflow)`,
      );
      expect(overflows).toEqual(['hidden', 'visible']);
    },
    TEST_MS,
  );

  it(
    'lays a text out from right to left by the text, not by the name',
    async () => {
      await site.comment('direction', 'שלום לכולם');
      await site.comment('direction', 'hello all');
      const ann = await site.open('direction', 'ann');
      await ann.expectTexts('שלום לכולם', 'hello all');
      const words = "[...document.querySelectorAll('.comment .words')]";
      const directions = await ann.page.evaluate(
        `${words}.map((row) => getComputedStyle(row).direction)`,
      );
      expect(directions).toEqual(['rtl', 'ltr']);
    },
    TEST_MS,
  );
});
