import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Bidi } from './bidi';
import { Child } from './child';
import type { Engine, EngineKind } from './engine';

// Plain JavaScript, because it also runs before anything is compiled.
const { find }: { find(names: string[]): string | undefined } = require('../../install-tools');

const LISTENING = /WebDriver BiDi listening on (ws:\/\/\S+)/;

/** Nothing about cookies: they are as in a new profile. The second keeps remote control from it. */
const PREFERENCES = `
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("remote.prefs.recommended", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.disabledForTesting", true);
`;

const tree = z.object({ contexts: z.array(z.object({ context: z.string() })).min(1) });
const evaluated = z.object({ result: z.object({ type: z.literal('string'), value: z.string() }) });

async function start(executable: string, proxyPort: number): Promise<Engine> {
  const profile = mkdtempSync(join(tmpdir(), 'likestream-firefox-'));
  writeFileSync(join(profile, 'user.js'), PREFERENCES);
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
  const child = new Child(executable, args);
  const end = async (): Promise<void> => {
    await child.end();
    rmSync(profile, { recursive: true, force: true });
  };
  try {
    const url = await child.until((output) => LISTENING.exec(output)?.[1]);
    return await control(await Bidi.connect(`${url}/session`), proxyPort, end);
  } catch (error) {
    await end();
    throw error;
  }
}

async function control(bidi: Bidi, proxyPort: number, end: () => Promise<void>): Promise<Engine> {
  const address = `127.0.0.1:${proxyPort}`;
  const proxy = { proxyType: 'manual', httpProxy: address, sslProxy: address };
  const capabilities = { alwaysMatch: { acceptInsecureCerts: true, proxy } };
  await bidi.send('session.new', { capabilities });
  const { contexts } = tree.parse(await bidi.send('browsingContext.getTree', {}));
  const context = contexts[0]?.context;
  return {
    open: async (url) => {
      await bidi.send('browsingContext.navigate', { context, url, wait: 'complete' });
    },
    evaluate: async (expression) => {
      const answer = await bidi.send('script.evaluate', {
        expression: `JSON.stringify(${expression}) ?? 'null'`,
        target: { context },
        awaitPromise: false,
      });
      return JSON.parse(evaluated.parse(answer).result.value);
    },
    end: () => {
      bidi.close();
      return end();
    },
  };
}

export const FIREFOX: EngineKind = {
  name: 'Firefox',
  debian: 'firefox-esr',
  keepsPages: false,
  find: () => find(['firefox-esr', 'firefox']),
  start,
};
