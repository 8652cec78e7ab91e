import type { Browser } from 'playwright-core';
import { post } from '../end-to-end/api';
import { endServers, Server } from '../end-to-end/server';
import { SECRET } from '../runtime/members/tokens';
import { openBrowser } from './browser';
import { memberToken, TalkWindow } from './talk-window';

const TEST_MS = 120_000;

let server: Server;
let browser: Browser;
const windows: TalkWindow[] = [];
beforeAll(async () => {
  browser = await openBrowser();
  server = await Server.startToReturn({ env: { JWT_SECRET: SECRET } });
}, TEST_MS);
afterEach(async () => {
  for (const window of windows.splice(0)) await window.close();
});
afterAll(async () => {
  await browser?.close();
  await endServers();
});

async function open(video: string, sub: string): Promise<TalkWindow> {
  const window = await TalkWindow.open(browser, server.url, video, sub);
  windows.push(window);
  return window;
}

async function openTwo(video: string): Promise<[TalkWindow, TalkWindow]> {
  return [await open(video, 'ann'), await open(video, 'bo')];
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
}

async function comment(video: string, text: string, sub = 'cy'): Promise<void> {
  const headers = bearer(memberToken(sub));
  const { status } = await post(server.url, video, { text }, { type: 'comments', headers });
  expect(status).toBe(201);
}

describe('texts on the page', () => {
  it(
    'shows texts as text, never as HTML',
    async () => {
      const [ann, bo] = await openTwo('markup');
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
    'lays a text out from right to left by the text, not by the name',
    async () => {
      await comment('direction', 'שלום לכולם');
      await comment('direction', 'hello all');
      const ann = await open('direction', 'ann');
      await ann.expectTexts('שלום לכולם', 'hello all');
      const directions = await ann.page
        .locator('.comment .words')
        .evaluateAll('(rows) => rows.map((row) => getComputedStyle(row).direction)');
      expect(directions).toEqual(['rtl', 'ltr']);
    },
    TEST_MS,
  );
});
