import type { Browser } from 'playwright-core';
import { eventually } from '../end-to-end/api';
import { endServers, Server } from '../end-to-end/server';
import { SECRET, token } from '../runtime/members/tokens';
import { openBrowser, openWindow } from './browser';

let server: Server;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
  server = await Server.start({ env: { JWT_SECRET: SECRET } });
});
afterAll(async () => {
  await browser?.close();
  await endServers();
});

describe('the page of a server with a key', () => {
  it('says how to get a token', async () => {
    const { page } = await openWindow(browser, server.url);
    await eventually(async () => {
      expect(await page.getByTestId('status').getAttribute('data-state')).toBe('refused');
      expect(await page.getByTestId('notice').textContent()).toContain('npm run token');
    });
    await page.close();
  });

  it('says what a token does not grant', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 600;
    const narrow = token({ sub: 'ann', exp, likestream: { watch: ['video:*'] } });
    const { page } = await openWindow(browser, `${server.url}/?token=${narrow}`);
    await eventually(async () => {
      expect(await page.getByTestId('status').textContent()).toContain('refused: forbidden');
      expect(await page.getByTestId('notice').textContent()).toContain('conversation:demo');
    });
    await page.close();
  });

  it('connects with one', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 600;
    const { page } = await openWindow(
      browser,
      `${server.url}/?token=${token({ sub: 'ann', exp })}`,
    );
    await eventually(async () => {
      expect(await page.getByTestId('status').getAttribute('data-state')).toBe('connected');
    });
    await page.close();
  });
});
