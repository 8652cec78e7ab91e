import type { Browser } from 'playwright-core';
import { post } from '../end-to-end/api';
import { endServers, Server, type ServerOptions } from '../end-to-end/server';
import { openBrowser } from './browser';
import { memberToken, TalkWindow } from './talk-window';

/** A server, a browser, and windows of the page. */
export class TalkSite {
  private readonly windows: TalkWindow[] = [];

  private constructor(
    readonly browser: Browser,
    /** Replaced by a test that starts it again. */
    public server: Server,
  ) {}

  static async start(options: ServerOptions = {}): Promise<TalkSite> {
    const server = await Server.startToReturn(options);
    return new TalkSite(await openBrowser(), server);
  }

  /** Opens the page of a video as a member; without a token if none is named. */
  async open(video: string, sub?: string): Promise<TalkWindow> {
    const window = await TalkWindow.open(this.browser, this.server.url, video, sub);
    this.windows.push(window);
    return window;
  }

  async openTwo(video: string): Promise<[TalkWindow, TalkWindow]> {
    return [await this.open(video, 'ann'), await this.open(video, 'bo')];
  }

  /** Posts a comment of a member. */
  async comment(video: string, text: string, sub = 'cy'): Promise<void> {
    const headers = bearer(memberToken(sub));
    const options = { type: 'comments', headers };
    expect((await post(this.server.url, video, { text }, options)).status).toBe(201);
  }

  async closeWindows(): Promise<void> {
    for (const window of this.windows.splice(0)) await window.close();
  }

  async end(): Promise<void> {
    await this.browser.close();
    await endServers();
  }
}

/** The headers of a call with a token. */
export function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
}
