import type { Browser } from 'playwright-core';
import { endServers, Server } from '../end-to-end/server';
import { openBrowser } from './browser';
import { TalkWindow } from './talk-window';

const TEST_MS = 120_000;

let server: Server;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
  server = await Server.start();
}, TEST_MS);
afterAll(async () => {
  await browser?.close();
  await endServers();
});

describe('the conversation without tokens', () => {
  it(
    'shows two visitors what the other one types, says, reads and deletes',
    async () => {
      const first = await TalkWindow.open(browser, server.url, 'open');
      const second = await TalkWindow.open(browser, server.url, 'open');
      await first.part('comment').pressSequentially('hi');
      await second.expectPart('typing', /^guest [0-9a-f]{4} is typing…$/);
      await first.part('send').click();
      await second.expectTexts('hi');
      await second.expectPart('typing', '');
      await first.expectStored('hi');
      await first.expectPart('read', /^Read by guest [0-9a-f]{4}$/);
      await second.say('hello');
      await first.expectTexts('hi', 'hello');
      expect(await first.row('hello').locator('.remove').count()).toBe(0);
      await second.row('hello').locator('.remove').click();
      await first.expectTexts('hi');
      expect([...first.problems, ...second.problems]).toEqual([]);
    },
    TEST_MS,
  );
});
