import { eventually, post, range, totalOf } from '../end-to-end/api';
import type { Window } from './browser';
import { expectState, PageSite, SHOWN_MS } from './page-site';

const TEST_MS = 120_000;

const site = new PageSite();
const open = (video: string) => site.open(video);

async function expectText({ page }: Window, part: string, text: RegExp): Promise<void> {
  const shown = () => page.getByTestId(part).textContent();
  await eventually(async () => expect(await shown()).toMatch(text), SHOWN_MS);
}

function totalIn({ page }: Window): Promise<string | null> {
  return page.getByTestId('total').getAttribute('data-total');
}

describe('the panel of the page', () => {
  it(
    "shows the time of each stage of an own like's way",
    async () => {
      const window = await open('way');
      await window.page.getByTestId('way').locator('summary').click();
      await window.page.getByTestId('like').click();
      await expectText(window, 'way-place', /^\w+\.\d+@0$/);
      const times = () => window.page.locator('.stages output').allTextContents();
      await eventually(async () => {
        expect(await times()).toEqual(range(4).map(() => expect.stringMatching(/^[\d.,]+ ms$/)));
      }, SHOWN_MS);
      await expectText(window, 'way-brief', /^Your like: stored in .* on the stream in /);
      expect(window.problems).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'pulls the plug, and shows afterwards that the total is exact',
    async () => {
      const window = await open('plug');
      await window.page.getByTestId('like').click();
      await eventually(async () => expect(await totalIn(window)).toBe('1'));
      await window.page.getByTestId('way').locator('summary').click();
      await window.page.getByTestId('plug').check({ force: true });
      await expectState(window, 'unplugged');
      await post(site.server.url, 'plug', { likes: range(30).map(() => ({})) });
      await window.page.getByTestId('like').click();
      await eventually(async () => expect(await totalOf(site.server.url, 'plug')).toBe(32));
      expect(await totalIn(window)).toBe('2');
      await window.page.getByTestId('plug').uncheck({ force: true });
      await expectText(window, 'plug-text', /^Back after .* The server has 32, .* 32: exact\.$/);
      await expectState(window, 'connected');
      expect(await totalIn(window)).toBe('32');
    },
    TEST_MS,
  );
});

describe('the colors of the page', () => {
  const background = "getComputedStyle(document.documentElement).getPropertyValue('color-scheme')";

  it(
    'are those of the system until they are switched, also after a reload',
    async () => {
      const window = await open('colors');
      const { page } = window;
      const pressed = () => page.getByTestId('theme').getAttribute('aria-pressed');
      await page.emulateMedia({ colorScheme: 'light' });
      await eventually(async () => expect(await pressed()).toBe('false'));
      await page.emulateMedia({ colorScheme: 'dark' });
      await eventually(async () => expect(await pressed()).toBe('true'));
      await page.getByTestId('theme').click();
      expect(await pressed()).toBe('false');
      expect(await page.evaluate(background)).toBe('light');
      await page.reload();
      await expectState(window, 'connected');
      expect(await pressed()).toBe('false');
      expect(await page.evaluate(background)).toBe('light');
      expect(window.problems).toEqual([]);
    },
    TEST_MS,
  );
});
