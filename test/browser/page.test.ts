import { eventually, post, range, totalOf, totalsOf } from '../end-to-end/api';
import type { Window } from './browser';
import { PageSite, SHOWN_MS, stateOf } from './page-site';

const TEST_MS = 120_000;

jest.setTimeout(TEST_MS);

const site = new PageSite();
const open = (video: string) => site.open(video);

async function totalIn({ page }: Window): Promise<number> {
  return Number((await page.getByTestId('total').getAttribute('data-total')) || Number.NaN);
}

async function floatedIn({ page }: Window): Promise<number> {
  return Number(await page.locator('[data-floated]').getAttribute('data-floated'));
}

async function expectTotal(window: Window, total: number): Promise<void> {
  await eventually(async () => expect(await totalIn(window)).toBe(total), SHOWN_MS);
}

describe('the page', () => {
  it('loads without errors, connects, and shows the total', async () => {
    await post(site.server.url, 'load', { likes: range(7).map(() => ({})) });
    const window = await open('load');
    await expectTotal(window, 7);
    expect(window.problems).toEqual([]);
  });

  it('counts a tap, and floats one heart at once here and one in another window', async () => {
    const [first, second] = [await open('tap'), await open('tap')];
    await expectTotal(second, 0);
    await first.page.getByTestId('like').click();
    expect(await floatedIn(first)).toBe(1);
    await expectTotal(first, 1);
    await expectTotal(second, 1);
    await eventually(async () => expect(await floatedIn(second)).toBe(1), SHOWN_MS);
    // The viewer's own tap is not floated again when it is counted.
    expect(await floatedIn(first)).toBe(1);
    expect(await totalOf(site.server.url, 'tap')).toBe(1);
    expect([...first.problems, ...second.problems]).toEqual([]);
  });

  it('counts each kind of reaction, and each of many quick taps', async () => {
    const window = await open('reactions');
    for (const name of ['celebrate', 'support', 'love', 'insightful', 'funny']) {
      await window.page.getByTestId(`react-${name}`).click();
    }
    const tap = `document.querySelector('[data-testid="like"]').click()`;
    await window.page.evaluate(`for (let at = 0; at < 20; at++) ${tap}`);
    await expectTotal(window, 25);
    const others = { celebrate: 1, support: 1, love: 1, insightful: 1, funny: 1 };
    await eventually(async () =>
      expect((await totalsOf(site.server.url, 'reactions')).reactions).toEqual({
        ...others,
        like: 20,
      }),
    );
  });

  it('simulates likes by others until the switch is off', async () => {
    const [first, second] = [await open('crowd'), await open('crowd')];
    await first.page.getByTestId('simulate').check({ force: true });
    await eventually(async () => expect(await totalIn(second)).toBeGreaterThan(10), SHOWN_MS);
    await eventually(async () => expect(await floatedIn(second)).toBeGreaterThan(3), SHOWN_MS);
    await first.page.getByTestId('simulate').uncheck({ force: true });
    await first.page.waitForTimeout(500);
    const total = await totalOf(site.server.url, 'crowd');
    for (const window of [first, second]) {
      await expectTotal(window, total);
      expect(window.problems).toEqual([]);
    }
  });

  it('reconnects by itself after a crash of the server, and misses no like', async () => {
    const window = await open('back');
    await window.page.getByTestId('like').click();
    await expectTotal(window, 1);
    await site.server.kill();
    await eventually(async () => expect(await stateOf(window)).toBe('connecting'), SHOWN_MS);
    await window.page.getByTestId('like').click();
    site.server = await site.server.startAgain();
    await post(site.server.url, 'back', { likes: range(5).map(() => ({})) });
    await eventually(async () => expect(await stateOf(window)).toBe('connected'), SHOWN_MS);
    await eventually(async () => expect(await totalIn(window)).toBe(7), SHOWN_MS);
    expect(await totalOf(site.server.url, 'back')).toBe(7);
  });
});
