import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { call } from '../end-to-end/api';
import { TalkSite } from './talk-site';

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

describe("axe's rules", () => {
  it.each([
    ['desktop', { width: 1440, height: 900 }],
    ['phone', { width: 390, height: 844 }],
  ])(
    'hold on a %s, with a conversation and without one',
    async (name, viewport) => {
      const window = await site.open(name);
      await window.page.setViewportSize(viewport);
      expect(await violationsOf(window.page)).toEqual([]);
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
      expect(await violationsOf(window.page)).toEqual([]);
    },
    TEST_MS,
  );
});
