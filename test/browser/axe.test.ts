import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import { call } from '../end-to-end/api';
import { endServers, Server } from '../end-to-end/server';
import { openBrowser } from './browser';
import { TalkWindow } from './talk-window';

const TEST_MS = 120_000;

/** Rules of axe-core, evaluated in the page; it is not fetched, so the page's policy allows it. */
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const violations = z.array(
  z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) }),
);

let server: Server;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
  server = await Server.start();
}, TEST_MS);
afterAll(async () => {
  await browser?.close();
  await endServers();
}, TEST_MS);

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
      const window = await TalkWindow.open(browser, server.url, name);
      await window.page.setViewportSize(viewport);
      expect(await violationsOf(window.page)).toEqual([]);
      const other = await TalkWindow.open(browser, server.url, name);
      for (const at of Array(12).keys()) {
        await other.say(`comment ${at}`);
        await other.expectStored(`comment ${at}`);
      }
      await window.say('my own');
      await window.expectStored('my own');
      const path = `/videos/${name}/attributes/score`;
      const headers = { 'Content-Type': 'application/json' };
      await call(server.adminUrl, 'PUT', path, { body: { value: '2 : 1' }, headers });
      await window.expectPart('score', '2 : 1');
      expect(await violationsOf(window.page)).toEqual([]);
      await window.close();
      await other.close();
    },
    TEST_MS,
  );
});
