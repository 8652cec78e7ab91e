import type { Browser } from 'playwright-core';
import { eventually } from '../end-to-end/api';
import { endServers, Server } from '../end-to-end/server';
import { openBrowser, openWindow, type Window } from './browser';

const START_MS = 120_000;

/** The machine may be busy. */
export const SHOWN_MS = 30_000;

/** A server and windows of its demo page, for the tests of a file. */
export class PageSite {
  /** Replaced by a test that starts it again. */
  server!: Server;
  private browser: Browser | undefined;
  private readonly windows: Window[] = [];

  /** Starts the parts before the tests of this file, and ends them after. */
  constructor() {
    beforeAll(async () => {
      this.browser = await openBrowser();
      this.server = await Server.startToReturn();
    }, START_MS);
    afterEach(async () => {
      for (const { page } of this.windows.splice(0)) await page.close();
    });
    afterAll(async () => {
      await this.browser?.close();
      await endServers();
    });
  }

  /** Opens the page of a video, and waits until it is connected. */
  async open(video: string): Promise<Window> {
    if (!this.browser) throw new Error('the browser did not start');
    const window = await openWindow(this.browser, `${this.server.url}/?video=${video}`);
    this.windows.push(window);
    await expectState(window, 'connected');
    return window;
  }
}

/** The connection's state as the page shows it. */
export function stateOf({ page }: Window): Promise<string | null> {
  return page.getByTestId('status').getAttribute('data-state');
}

/** Waits until the page shows a state of the connection. */
export async function expectState(window: Window, state: string): Promise<void> {
  await eventually(async () => expect(await stateOf(window)).toBe(state), SHOWN_MS);
}
