import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { blocksOf, fileText } from '../docs/page';
import { eventually, post, totalOf } from '../end-to-end/api';
import { endServers, Server } from '../end-to-end/server';
import { openBrowser } from './browser';

const RECONNECT_MS = 15_000;

let browser: Browser;
let server: Server;
let pages: HttpServer;
beforeAll(async () => {
  browser = await openBrowser();
  server = await Server.startToReturn();
  pages = await serve(pageOfReadme());
});
afterAll(async () => {
  await browser?.close();
  pages?.close();
  await endServers();
});

/** The page in the README, with the address of this test's server. */
function pageOfReadme(): string {
  const page = blocksOf(fileText('README.md')).find(({ language }) => language === 'html');
  if (!page?.text.includes('http://localhost:8080')) throw new Error('no page in the README');
  return `<meta charset="utf-8">${page.text.replace('localhost:8080', `localhost:${server.port}`)}`;
}

/** Serves the page from another port. */
function serve(html: string): Promise<HttpServer> {
  return new Promise((resolve) => {
    const made = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end(html);
    });
    made.listen(0, '127.0.0.1', () => resolve(made));
  });
}

async function open(page: Page): Promise<void> {
  await page.goto(`http://localhost:${(pages.address() as AddressInfo).port}/`);
}

async function expectTotal(page: Page, total: number): Promise<void> {
  const shown = async () => expect(await page.locator('#total').textContent()).toBe(`${total}`);
  await eventually(shown, RECONNECT_MS);
}

describe("the README's page", () => {
  it('counts each tap once, also one that is sent again after a crash of the server', async () => {
    const page = await browser.newPage();
    await open(page);
    await expectTotal(page, 0);
    await page.locator('#like').click();
    await expectTotal(page, 1);
    await server.kill();
    await page.locator('#like').click();
    server = await server.startAgain();
    await expectTotal(page, 2);
    expect(await totalOf(server.url, '42')).toBe(2);
    await page.close();
  }, 40_000);

  it("resumes after a proxy's 502", async () => {
    const page = await browser.newPage();
    let refused = 0;
    await page.route('**/stream?*', (route) =>
      refused++ === 0 ? route.fulfill({ status: 502 }) : route.continue(),
    );
    const before = await totalOf(server.url, '42');
    await open(page);
    await expectTotal(page, before);
    await post(server.url, '42', {});
    await expectTotal(page, before + 1);
    expect(refused).toBeGreaterThan(1);
    await page.close();
  }, 40_000);
});
