import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../browser/browser';
import { call, eventually, post } from '../end-to-end/api';
import { endServers, newFolder, Server } from '../end-to-end/server';
import { blocksOf, fileText, sectionOf } from './page';

const START_MS = 120_000;
const SHOWN_MS = 30_000;
const TEST_MS = 120_000;
const SECTION = sectionOf(fileText('docs/going-live.md'), '## Who may');

/** The blocks of a language in the section. */
function textOf(language: string): string {
  const blocks = blocksOf(SECTION).filter((block) => block.language === language);
  return blocks.map(({ text }) => text).join('\n');
}

/** The settings that the shell blocks export before they start the server. */
function settingsOfPage(): Record<string, string> {
  const script = textOf('sh').replace(/^npm start$/m, 'env');
  const inFolder = { cwd: newFolder(), encoding: 'utf8' } as const;
  const lines = execFileSync('sh', ['-c', script], inFolder).split('\n');
  const named = lines.filter((line) => /^(JWT|ANONYMOUS|CORS)/.test(line));
  return Object.fromEntries(named.map((line) => [line.split('=')[0], line.replace(/^\w+=/, '')]));
}

/** A web site of its own, with one page and the token of a member. */
class Site {
  page = '';
  token = '';
  private readonly server = createServer(({ url }, response) => {
    const isRefused = url === '/your/own/token' && this.token === '';
    response.writeHead(isRefused ? 401 : 200, { 'Content-Type': 'text/html' });
    response.end(url === '/your/own/token' ? this.token || 'log in first' : this.page);
  });

  /** Resolves with its origin. */
  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.server.listen(0, '127.0.0.1', () => {
        resolve(`http://localhost:${(this.server.address() as AddressInfo).port}`);
      });
    });
  }

  close(): void {
    this.server.close();
  }
}

const site = new Site();
let settings: Record<string, string>;
let origin: string;
let server: Server;
let browser: Browser;
beforeAll(async () => {
  settings = settingsOfPage();
  browser = await openBrowser();
  origin = await site.listen();
  // The test's own page has another origin than that of the document.
  server = await Server.start({ env: { ...settings, CORS_ORIGINS: origin } });
}, START_MS);
afterAll(async () => {
  await browser?.close();
  site.close();
  await endServers();
});

it('with its settings everybody may watch, and only members like', async () => {
  expect(Object.keys(settings).sort()).toEqual(['ANONYMOUS', 'CORS_ORIGINS', 'JWT_SECRET_FILE']);
  expect((await call(server.url, 'GET', '/videos/42/likes')).status).toBe(200);
  expect((await post(server.url, '42', {})).status).toBe(401);
});

/** Opens a page with the script of the document, which likes; resolves with the page. */
async function pageThatLikes() {
  const script = textOf('js').replace('https://live.example.com', server.url);
  site.page = `<script type="module">
    import { connect } from '${server.url}/client.js';
    ${script}
    const { isOk, status } = await live.watch('video:42', { likes() {} }).like();
    document.title = isOk + ' ' + status + ' ' + await live.memberId();
  </script>`;
  const page = await browser.newPage();
  await page.goto(origin);
  return page;
}

it(
  'its script likes as the member of the fetched token',
  async () => {
    const key = Buffer.from(readFileSync(settings.JWT_SECRET_FILE ?? '', 'utf8').trim());
    const signed = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('ann');
    site.token = await signed.setExpirationTime('1h').sign(key);
    const page = await pageThatLikes();
    await eventually(async () => expect(await page.title()).toBe('true 201 ann'), SHOWN_MS);
  },
  TEST_MS,
);

it(
  'its script watches without a token where nobody is logged in',
  async () => {
    site.token = '';
    const page = await pageThatLikes();
    await eventually(async () => expect(await page.title()).toBe('false 401 undefined'), SHOWN_MS);
  },
  TEST_MS,
);
