// The hearts of the browser client under 5,000 likes a second, on a processor four times as slow.
// It prints the main thread's time a frame, and checks only counts:
//   npx jest --testMatch '<rootDir>/test/**/hearts.nightly.ts'

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from './browser';
import { measureFrames } from './frame-times';

const CODE = readFileSync(join(__dirname, '..', '..', 'dist', 'client', 'hearts.js'), 'utf8');

const TEST_MS = 120_000;
const MEASURED_MS = 10_000;
const SLOWDOWN = 4;
const LIKES_A_SECOND = 5000;
const MOST_AFLOAT = 160;

const ADDRESS = 'http://hearts.test/';
const VIEWPORT = { width: 1280, height: 720 };

/** Counts what is drawn in each frame. */
const COUNT = `
  const context = globalThis.OffscreenCanvasRenderingContext2D ?? {};
  for (const { prototype } of [context, globalThis.CanvasRenderingContext2D ?? {}]) {
    if (!prototype) continue;
    const { clearRect, drawImage } = prototype;
    prototype.clearRect = function (...all) {
      globalThis.most = Math.max(globalThis.most ?? 0, globalThis.drawn ?? 0);
      globalThis.drawn = 0;
      return clearRect.apply(this, all);
    };
    prototype.drawImage = function (...all) {
      globalThis.drawn += 1;
      return drawImage.apply(this, all);
    };
  }
`;

/** The likes of others, as a frontend sends them: 20 events a second. */
const PAGE = `
  <!doctype html>
  <canvas style="position: absolute; inset: 0; width: 100%; height: 100%"></canvas>
  <script type="module">
    import { hearts } from './hearts.js';
    const isRemote = location.hash === '#worker';
    const worker = isRemote ? new Worker('./hearts.js', { type: 'module' }) : undefined;
    const flow = hearts(document.querySelector('canvas'), {
      ...(worker && { worker }),
      floated: (count) => { window.floated = count; },
    });
    const count = ${LIKES_A_SECOND / 20};
    const burst = () => flow.burst({ like: count * 0.7, love: count * 0.3 });
    window.timer = setInterval(burst, 50);
    // So that frames are counted also if another thread draws them.
    const frame = () => { window.frame = requestAnimationFrame(frame); };
    frame();
  </script>
`;

const FILES: Readonly<Record<string, readonly [string, string]>> = {
  '/': ['text/html', PAGE],
  '/hearts.js': ['text/javascript', `${COUNT}${CODE}`],
};

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
}, TEST_MS);
afterAll(() => browser?.close());

async function open(way: string, ratio: number): Promise<Page> {
  const context = await browser.newContext({ viewport: VIEWPORT, deviceScaleFactor: ratio });
  await context.route(`${ADDRESS}**`, (route) => {
    const [contentType, body] = FILES[new URL(route.request().url()).pathname] ?? [];
    return contentType ? route.fulfill({ contentType, body }) : route.fulfill({ status: 404 });
  });
  const page = await context.newPage();
  await page.goto(`${ADDRESS}#${way}`);
  await page.waitForFunction('window.floated > 20');
  return page;
}

/** The most glyphs in a frame, in the page or in its worker. */
async function mostIn(page: Page): Promise<number> {
  const [worker] = page.workers();
  const most = worker ? worker.evaluate('globalThis.most') : page.evaluate('globalThis.most');
  return Number(await most);
}

describe('hearts', () => {
  it.each([
    ['page', 1],
    ['page', 2],
    ['worker', 1],
    ['worker', 2],
  ])(
    'drawn by the %s are bounded and end, with %d pixels of the screen for each of the page',
    async (way, ratio) => {
      const page = await open(way, ratio);
      const times = await measureFrames(page, MEASURED_MS, SLOWDOWN);
      const most = await mostIn(page);
      console.info(`hearts by the ${way}, ratio ${ratio}: ${JSON.stringify({ ...times, most })}`);
      expect(most).toBeLessThanOrEqual(MOST_AFLOAT);
      expect(most).toBeGreaterThan(10);
      await page.evaluate('clearInterval(timer), cancelAnimationFrame(frame)');
      await page.waitForTimeout(6000);
      const rest = await measureFrames(page, 5000, 1);
      console.info(`hearts at rest by the ${way}, ratio ${ratio}: ${JSON.stringify(rest)}`);
      expect(rest.drawn).toBe(0);
      await page.context().close();
    },
    TEST_MS,
  );
});
