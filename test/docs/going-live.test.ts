import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../browser/browser';
import { call, eventually, post } from '../end-to-end/api';
import { endServers, Server } from '../end-to-end/server';
import { blocksOf, fileText, sectionOf } from './page';

const START_MS = 120_000;
const SHOWN_MS = 30_000;
const TEST_MS = 120_000;
const SECTION = sectionOf(fileText('docs/going-live.md'), '## Who may');

/** The first block of a language in the section. */
function blockOf(language: string): string {
  return blocksOf(SECTION).find((block) => block.language === language)?.text ?? '';
}

/** The settings that the shell block exports before it starts the server. */
function settingsOfPage(): Record<string, string> {
  const script = blockOf('sh').replace(/^npm start$/m, 'env');
  const lines = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\n');
  const named = lines.filter((line) => /^(JWT|ANONYMOUS|CORS)/.test(line));
  return Object.fromEntries(named.map((line) => [line.split('=')[0], line.replace(/^\w+=/, '')]));
}

/** A web site of its own, with one page and the token of a member. */
class Site {
  page = '';
  token = '';
  private readonly server = createServer(({ url }, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(url === '/your/own/token' ? this.token : this.page);
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
  expect(Object.keys(settings).sort()).toEqual(['ANONYMOUS', 'CORS_ORIGINS', 'JWT_SECRET']);
  expect((await call(server.url, 'GET', '/videos/42/likes')).status).toBe(200);
  expect((await post(server.url, '42', {})).status).toBe(401);
});

it(
  'its script likes as the member of the fetched token',
  async () => {
    const key = Buffer.from(settings.JWT_SECRET ?? '');
    const signed = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('ann');
    site.token = await signed.setExpirationTime('1h').sign(key);
    const script = blockOf('js').replace('https://live.example.com', server.url);
    site.page = `<script type="module">
      import { connect } from '${server.url}/client.js';
      ${script}
      const { isOk } = await live.watch('video:42', { likes() {} }).like();
      document.title = isOk + ' ' + await live.memberId();
    </script>`;
    const page = await browser.newPage();
    await page.goto(origin);
    await eventually(async () => expect(await page.title()).toBe('true ann'), SHOWN_MS);
  },
  TEST_MS,
);
