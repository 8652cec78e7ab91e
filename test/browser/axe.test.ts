import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { call } from '../end-to-end/api';
import { TalkSite } from './talk-site';
import type { TalkWindow } from './talk-window';

const TEST_MS = 120_000;

/** Rules of axe-core, evaluated in the page; it is not fetched, so the page's policy allows it. */
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const violations = z.array(
  z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) }),
);

let site: TalkSite;
beforeAll(async () => {
  site = await TalkSite.start();
}, TEST_MS);
afterEach(() => site.closeWindows());
afterAll(() => site?.end(), TEST_MS);

/** The violations, as a rule with the elements that break it. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = violations.parse(await page.evaluate('axe.run().then((run) => run.violations)'));
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

/** Fills the conversation, and opens the panel. */
async function fill(window: TalkWindow, name: string): Promise<void> {
  const other = await site.open(name);
  for (const at of Array(12).keys()) {
    await other.say(`comment ${at}`);
    await other.expectStored(`comment ${at}`);
  }
  await window.say('my own');
  await window.expectStored('my own');
  const path = `/videos/${name}/attributes/score`;
  const headers = { 'Content-Type': 'application/json' };
  await call(site.server.adminUrl, 'PUT', path, { body: { value: '2 : 1' }, headers });
  await window.expectPart('score', '2 : 1');
  await window.part('way').locator('summary').click();
  await window.part('like').click();
  await window.expectPart('way-place', /@/);
}

describe("axe's rules", () => {
  it.each([
    ['desktop', 'dark', DESKTOP],
    ['desktop', 'light', DESKTOP],
    ['phone', 'dark', PHONE],
    ['phone', 'light', PHONE],
  ] as const)(
    'hold on a %s in %s colors, empty, with a conversation and a like, and without a connection',
    async (device, colorScheme, viewport) => {
      const name = `${device}-${colorScheme}`;
      const window = await site.open(name);
      await window.page.emulateMedia({ colorScheme });
      await window.page.setViewportSize(viewport);
      expect(await violationsOf(window.page)).toEqual([]);
      await fill(window, name);
      expect(await violationsOf(window.page)).toEqual([]);
      await window.part('plug').check({ force: true });
      await window.expectState('unplugged');
      expect(await violationsOf(window.page)).toEqual([]);
      await window.part('plug').uncheck({ force: true });
      await window.expectPart('plug-text', /exact/);
      expect(await violationsOf(window.page)).toEqual([]);
    },
    TEST_MS,
  );
});
