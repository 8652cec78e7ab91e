// What the demo page costs: to load, at rest, and under 200 comments and 500 likes a second on a
// processor four times as slow. It prints figures, and checks only counts:
//   npx jest --testMatch '<rootDir>/test/**/page-cost.nightly.ts'

import type { Browser, CDPSession, Page } from 'playwright-core';
import { eventually, post, range } from '../end-to-end/api';
import { endServers, Server } from '../end-to-end/server';
import { openBrowser } from './browser';
import { measureFrames } from './frame-times';

const TEST_MS = 180_000;
const SHOWN_MS = 60_000;
const REST_MS = 20_000;
const BUSY_MS = 15_000;
const SLOWDOWN = 4;
const COMMENTS_A_SECOND = 200;
const LIKES_A_SECOND = 500;
const MOST_ROWS = 200;
const LEAST_ROWS = 100;
const TICK_MS = 100;

/** Notes when the first total is shown. */
const NOTE_FIRST = `
  const look = () => {
    const total = document.getElementById('total')?.dataset.total;
    if (total) window.firstTotalMs = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
`;

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

interface Opened {
  readonly page: Page;
  readonly session: CDPSession;
  /** What came over the network so far. */
  readonly came: { bytes: number; requests: number };
}

async function open(video: string): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const came = { bytes: 0, requests: 0 };
  session.on('Network.requestWillBeSent', () => {
    came.requests += 1;
  });
  session.on('Network.dataReceived', ({ encodedDataLength }) => {
    came.bytes += encodedDataLength;
  });
  await session.send('Network.enable');
  await session.send('Performance.enable');
  await page.addInitScript(NOTE_FIRST);
  await page.goto(`${server.url}/?video=${video}`, { timeout: SHOWN_MS });
  // The page's policy forbids Playwright's own waiting.
  const first = () => page.evaluate('window.firstTotalMs');
  await eventually(async () => expect(await first()).toBeGreaterThan(0), SHOWN_MS);
  return { page, session, came };
}

/** The processor's time of the page with its worker, in seconds. */
async function processTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'ProcessTime')?.value ?? Number.NaN;
}

/** Bytes and the processor's time a second, for some time. */
async function rest({ came, page, session }: Opened): Promise<object> {
  const [bytes, seconds] = [came.bytes, await processTime(session)];
  await page.waitForTimeout(REST_MS);
  const used = (await processTime(session)) - seconds;
  const perSecond = 1000 / REST_MS;
  return { bytesPerS: (came.bytes - bytes) * perSecond, cpu: used * perSecond };
}

/** Posts comments and likes until it is stopped; returns how many comments were stored. */
function startCrowd(video: string): () => Promise<number> {
  let stored = 0;
  const due: Promise<void>[] = [];
  const send = async (type: string, body: object) => {
    const { status } = await post(server.url, video, body, { type });
    if (status === 201 && type === 'comments') stored += 1;
  };
  const timer = setInterval(() => {
    const likes = range(LIKES_A_SECOND / 10).map(() => ({}));
    due.push(send('likes', { likes }));
    for (const at of range(COMMENTS_A_SECOND / 10)) {
      due.push(send('comments', { text: `What a night, number ${at}!` }));
    }
  }, TICK_MS);
  return async () => {
    clearInterval(timer);
    await Promise.all(due);
    return stored;
  };
}

describe('the page', () => {
  it(
    'loads, and rests',
    async () => {
      await post(server.url, 'cost', { likes: range(7).map(() => ({})) });
      const opened = await open('cost');
      const firstMs = await opened.page.evaluate('window.firstTotalMs');
      await opened.page.waitForTimeout(5000);
      console.info(`load: ${JSON.stringify({ firstTotalMs: firstMs, ...opened.came })}`);
      console.info(`at rest, with the video: ${JSON.stringify(await rest(opened))}`);
      await opened.page.locator('#pause').click();
      await opened.page.waitForTimeout(1000);
      console.info(`at rest, video paused: ${JSON.stringify(await rest(opened))}`);
      await opened.page.context().close();
    },
    TEST_MS,
  );

  it(
    'shows a busy conversation and many likes',
    async () => {
      const { page } = await open('busy');
      const stop = startCrowd('busy');
      const times = await measureFrames(page, BUSY_MS, SLOWDOWN);
      const stored = await stop();
      console.info(`busy: ${JSON.stringify({ ...times, commentsPerS: stored / (BUSY_MS / 800) })}`);
      const last = { text: 'the last one' };
      await eventually(async () => {
        expect((await post(server.url, 'busy', last, { type: 'comments' })).status).toBe(201);
      }, SHOWN_MS);
      const texts = () => page.locator('.comment .text').allTextContents();
      await eventually(async () => expect((await texts()).at(-1)).toBe(last.text), SHOWN_MS);
      // A long gap leaves the newest hundred, and there is time for all rows now.
      await eventually(async () => {
        expect((await texts()).length).toBeGreaterThanOrEqual(LEAST_ROWS);
      }, SHOWN_MS);
      expect((await texts()).length).toBeLessThanOrEqual(MOST_ROWS);
      await page.context().close();
    },
    TEST_MS,
  );
});
