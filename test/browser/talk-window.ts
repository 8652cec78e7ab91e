import type { Browser, Locator, Page } from 'playwright-core';
import { eventually } from '../end-to-end/api';
import { token } from '../runtime/members/tokens';
import { openWindow } from './browser';

/** The machine may be busy. */
export const SHOWN_MS = 30_000;

const TOKEN_S = 3600;
const EVERYTHING = ['*'];

/** A token of a member, who may publish if `rights` say so. */
export function memberToken(sub: string, rights?: object): string {
  const exp = Math.floor(Date.now() / 1_000) + TOKEN_S;
  return token({ sub, exp, ...(rights && { likestream: rights }) });
}

/** A token of a backend that may do everything. */
export function backendToken(): string {
  return memberToken('backend', { watch: EVERYTHING, write: EVERYTHING, publish: EVERYTHING });
}

/** A window with the conversation of a video. */
export class TalkWindow {
  private constructor(
    readonly page: Page,
    readonly problems: readonly string[],
  ) {}

  /** Opens the page as a member, or without a token, and waits until it is connected. */
  static async open(browser: Browser, base: string, video: string, sub?: string) {
    const query = sub === undefined ? '' : `&token=${memberToken(sub)}`;
    const { page, problems } = await openWindow(browser, `${base}/?video=${video}${query}`);
    const window = new TalkWindow(page, problems);
    await window.expectState('connected');
    return window;
  }

  part(name: string): Locator {
    return this.page.getByTestId(name);
  }

  async say(text: string): Promise<void> {
    await this.part('comment').fill(text);
    await this.part('send').click();
  }

  /** The row of the comment with this text. */
  row(text: string): Locator {
    return this.page.locator('.comment', { has: this.page.getByText(text, { exact: true }) });
  }

  texts(): Promise<string[]> {
    return this.page.locator('.comment .text').allTextContents();
  }

  async expectTexts(...texts: string[]): Promise<void> {
    await eventually(async () => expect(await this.texts()).toEqual(texts), SHOWN_MS);
  }

  async expectState(state: string): Promise<void> {
    const shown = () => this.part('status').getAttribute('data-state');
    await eventually(async () => expect(await shown()).toBe(state), SHOWN_MS);
  }

  /** Waits until a part of the page has this text. */
  async expectPart(name: string, text: string | RegExp, ms = SHOWN_MS): Promise<void> {
    await eventually(async () => {
      const shown = await this.part(name).textContent();
      if (typeof text === 'string') expect(shown).toBe(text);
      else expect(shown).toMatch(text);
    }, ms);
  }

  /** Waits until the comment is shown as stored. */
  async expectStored(text: string): Promise<void> {
    const state = () => this.row(text).getAttribute('data-state');
    await eventually(async () => expect(await state()).toBe('stored'), SHOWN_MS);
  }

  close(): Promise<void> {
    return this.page.close();
  }
}
