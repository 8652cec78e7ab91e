import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { blocksOf, fileText } from '../docs/page';
import { eventually, post, totalOf } from '../end-to-end/api';
import { endServers, Server } from '../end-to-end/server';
import { openBrowser } from './browser';

const START_MS = 60_000;
const RECONNECT_MS = 30_000;
const TEST_MS = 120_000;
const MOST_LINES = 20;

let browser: Browser;
let server: Server;
const sites: HttpServer[] = [];
beforeAll(async () => {
  browser = await openBrowser();
  server = await Server.startToReturn();
}, START_MS);
afterAll(async () => {
  await browser?.close();
  for (const site of sites) site.close();
  await endServers();
});

/** The page in a document, with the address of this test's server. */
function pageOf(path: string): string {
  const page = blocksOf(fileText(path)).find(({ language }) => language === 'html');
  if (!page?.text.includes('http://localhost:8080')) throw new Error(`no page in ${path}`);
  return page.text.replaceAll('localhost:8080', `localhost:${server.port}`);
}

/** Serves the page from another port; resolves with its address. */
function serve(html: string): Promise<string> {
  return new Promise((resolve) => {
    const site = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end(html);
    });
    sites.push(site);
    site.listen(0, '127.0.0.1', () => {
      resolve(`http://localhost:${(site.address() as AddressInfo).port}/`);
    });
  });
}

async function expectTotal(page: Page, total: number): Promise<void> {
  const shown = async () => expect(await page.locator('#total').textContent()).toBe(`${total}`);
  await eventually(shown, RECONNECT_MS);
}

/** Whether a pixel of the canvas has a colour. */
const IS_DRAWN = `(() => {
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
})()`;

/** Waits until a heart is in the air. */
async function expectHeart(page: Page): Promise<void> {
  await eventually(async () => expect(await page.evaluate(IS_DRAWN)).toBe(true), RECONNECT_MS);
}

it("the README's page has at most 20 lines", () => {
  expect(pageOf('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES);
});

describe.each(['README.md', 'docs/getting-started.md'])('the page of %s, as pasted', (path) => {
  let url: string;
  beforeAll(async () => {
    url = await serve(pageOf(path));
  });

  it(
    'counts each tap once, also one that is sent again after a crash of the server',
    async () => {
      const page = await browser.newPage();
      const before = await totalOf(server.url, '42');
      await page.goto(url);
      await expectTotal(page, before);
      await page.locator('#like').click();
      await expectTotal(page, before + 1);
      await expectHeart(page);
      await server.kill();
      await page.locator('#like').click();
      await expectTotal(page, before + 2);
      server = await server.startAgain();
      await eventually(async () => {
        expect(await totalOf(server.url, '42')).toBe(before + 2);
      }, RECONNECT_MS);
      await expectTotal(page, before + 2);
      await page.close();
    },
    TEST_MS,
  );

  it(
    "resumes after a proxy's 502, and shows likes of others",
    async () => {
      const page = await browser.newPage();
      let refused = 0;
      await page.route('**/stream?*', (route) =>
        refused++ === 0 ? route.fulfill({ status: 502 }) : route.continue(),
      );
      const before = await totalOf(server.url, '42');
      await page.goto(url);
      await expectTotal(page, before);
      await post(server.url, '42', {});
      await expectTotal(page, before + 1);
      await expectHeart(page);
      expect(refused).toBeGreaterThan(1);
      await page.close();
    },
    TEST_MS,
  );
});
