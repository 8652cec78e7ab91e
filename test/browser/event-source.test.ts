import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import { eventually, post, range } from '../end-to-end/api';
import { endServers, Server } from '../end-to-end/server';
import { openBrowser, openWindow } from './browser';

const RECONNECT_MS = 15_000;

const received = z.array(
  z.object({
    name: z.string(),
    data: z.looseObject({ total: z.int().optional(), new: z.int().optional() }),
  }),
);

let browser: Browser;
let server: Server;
beforeAll(async () => {
  browser = await openBrowser();
  server = await Server.startToReturn();
});
afterAll(async () => {
  await browser?.close();
  await endServers();
});

/** Runs in the page: a plain EventSource that records its events. */
const LISTEN = (channel: string): string => `
  window.events = [];
  const source = new EventSource('/stream?channel=${channel}');
  for (const name of ['ready', 'snapshot', 'likes', 'bye']) {
    source.addEventListener(name, (event) => events.push({ name, data: JSON.parse(event.data) }));
  }`;

async function listen(video: string): Promise<Page> {
  const { page } = await openWindow(browser, `${server.url}/videos/${video}/likes`);
  await page.evaluate(LISTEN(`video:${video}`));
  return page;
}

async function eventsOf(page: Page): Promise<z.infer<typeof received>> {
  return received.parse(await page.evaluate('events'));
}

async function expectTotal(page: Page, total: number): Promise<void> {
  await eventually(async () => {
    const last = (await eventsOf(page)).findLast(({ data }) => data.total !== undefined);
    expect(last?.data.total).toBe(total);
  }, RECONNECT_MS);
}

async function expectSums(page: Page): Promise<void> {
  let before: number | undefined;
  for (const { name, data } of await eventsOf(page)) {
    if (name === 'likes')
      expect([data.new, data.total]).toEqual([data.new, (before ?? 0) + (data.new ?? 0)]);
    before = data.total ?? before;
  }
}

describe('a plain EventSource', () => {
  it.each(['stop', 'kill'] as const)(
    'reconnects by itself after a restart of the server (%s), without a snapshot',
    async (end) => {
      const page = await listen(end);
      await post(server.url, end, { likes: range(4).map(() => ({})) });
      await expectTotal(page, 4);
      for (const turn of range(2)) {
        await server[end]();
        server = await server.startAgain();
        await post(server.url, end, { likes: range(3).map(() => ({})) });
        await expectTotal(page, 7 + 3 * turn);
      }
      const names = (await eventsOf(page)).map(({ name }) => name);
      expect(names.filter((name) => name === 'snapshot')).toHaveLength(1);
      expect(names.filter((name) => name === 'ready')).toHaveLength(3);
      expect(names.filter((name) => name === 'bye')).toHaveLength(end === 'stop' ? 2 : 0);
      await expectSums(page);
      await page.close();
    },
    60_000,
  );

  it('reconnects to a server that was full for a while', async () => {
    const small = await Server.start({ env: { MAX_VIEWERS: '1' } });
    const { page: first } = await openWindow(browser, `${small.url}/videos/a/likes`);
    await first.evaluate(LISTEN('video:a'));
    await eventually(async () => expect((await eventsOf(first)).at(-1)?.name).toBe('snapshot'));
    const { page: second } = await openWindow(browser, `${small.url}/videos/a/likes`);
    await second.evaluate(LISTEN('video:a'));
    await eventually(async () => expect((await eventsOf(second)).at(-1)?.name).toBe('bye'));
    await first.close();
    await eventually(async () => {
      expect((await eventsOf(second)).at(-1)?.name).toBe('snapshot');
    }, RECONNECT_MS);
    await second.close();
  });
});
