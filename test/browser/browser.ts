import { type Browser, chromium, type Page } from 'playwright-core';

// Plain JavaScript, because it also runs before anything is compiled.
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

/** The machine may be busy. */
const LOAD_MS = 90_000;

/** Starts Chromium; if it is not installed, rejects with an error that says how to install it. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  const help = 'install Chromium (`apt-get install chromium`), or name one in CHROMIUM';
  if (executablePath === undefined) throw new Error(`no browser: ${help}`);
  return chromium.launch({ executablePath, headless: true, args: QUIET }).catch((error) => {
    throw new Error(`${executablePath} does not start: ${help}\n${error}`);
  });
}

/** A window, with its console errors, page errors and failed requests. */
export interface Window {
  readonly page: Page;
  readonly problems: string[];
}

/** Opens a page in a new window. */
export async function openWindow(browser: Browser, url: string): Promise<Window> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(url, { timeout: LOAD_MS });
  return { page, problems };
}
