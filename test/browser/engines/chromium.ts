import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Engine, EngineKind } from './engine';

// Plain JavaScript, because it also runs before anything is compiled.
const { findChromium }: { findChromium(): string | undefined } = require('../../install-tools');

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];

/** Off: what Chrome has by default, and Debian's Chromium does not. */
const ALLOWING = { profile: { cookie_controls_mode: 2 } };

/** Chromium with a profile in a folder: other windows are private, with rules of their own. */
async function start(
  executablePath: string,
  proxyPort: number,
  preferences: object = {},
): Promise<Engine> {
  const profile = mkdtempSync(join(tmpdir(), 'likestream-chromium-'));
  mkdirSync(join(profile, 'Default'));
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, {
    ...{ executablePath, headless: true, args: ARGS, ignoreHTTPSErrors: true },
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    proxy: { server: `http://127.0.0.1:${proxyPort}` },
  });
  const page = await context.newPage();
  return {
    open: async (url) => {
      await page.goto(url);
    },
    evaluate: (expression) => page.evaluate(expression),
    end: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

export const CHROMIUM: EngineKind = {
  name: 'Chromium',
  debian: 'chromium',
  keepsPages: true,
  find: findChromium,
  start,
};

/** With the cookies of other sites, as in Chrome's usual windows. */
export const CHROMIUM_ALLOWING: EngineKind = {
  ...CHROMIUM,
  name: 'Chromium that allows',
  start: (executable, proxyPort) => start(executable, proxyPort, ALLOWING),
};
