import { type Browser, chromium, type Page } from 'playwright-core';

// Plain JavaScript, since it also runs before anything is compiled.
const { findChromium }: { findChromium(): string | undefined } = require('../install-tools');

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Chromium; rejects with a word on how to get one where there is none. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  const help = 'install Chromium (`apt-get install chromium`), or name one in CHROMIUM';
  if (executablePath === undefined) throw new Error(`no browser: ${help}`);
  return chromium.launch({ executablePath, headless: true, args: QUIET }).catch((error) => {
    throw new Error(`${executablePath} does not start: ${help}\n${error}`);
  });
}

/** A window, with all that it complained about. */
export interface Window {
  readonly page: Page;
  readonly complaints: string[];
}

/** Opens a page in a window of its own. */
export async function openWindow(browser: Browser, url: string): Promise<Window> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}
