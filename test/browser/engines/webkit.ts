import { z } from 'zod';
import { freePort } from '../../end-to-end/server';
import { Child } from './child';
import type { Engine, EngineKind } from './engine';

const {
  findMiniBrowser,
}: { findMiniBrowser(): string | undefined } = require('../../install-tools');

const ANSWER_MS = 30_000;

/** Without these the process of a page ends at its start, for want of a display and rights. */
const ENVIRONMENT = {
  WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
  WEBKIT_DISABLE_DMABUF_RENDERER: '1',
  LIBGL_ALWAYS_SOFTWARE: '1',
  GDK_BACKEND: 'x11',
};

const answer = z.object({ value: z.unknown() });
const session = z.object({ sessionId: z.string() });

/** One command of WebDriver. */
async function send(url: string, method: string, body?: object): Promise<unknown> {
  const sent = await fetch(url, {
    method,
    body: body ? JSON.stringify(body) : null,
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const text = await sent.text();
  if (!sent.ok) throw new Error(`${method} ${url}: ${sent.status} ${text}`);
  return answer.parse(JSON.parse(text)).value;
}

async function start(
  executable: string,
  proxyPort: number,
  options: readonly string[] = [],
): Promise<Engine> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const driver = ['xvfb-run', '-a', 'WebKitWebDriver', `--port=${port}`];
  const child = new Child('dbus-run-session', ['--', ...driver], ENVIRONMENT);
  const args = ['--automation', `--proxy=http://127.0.0.1:${proxyPort}`, ...options];
  try {
    await child.until(() => send(`${url}/status`, 'GET').catch(() => undefined));
    return await control(url, child, { binary: executable, args });
  } catch (error) {
    await child.end();
    throw error;
  }
}

async function control(url: string, child: Child, browser: object): Promise<Engine> {
  const made = await send(`${url}/session`, 'POST', {
    capabilities: {
      alwaysMatch: {
        browserName: 'MiniBrowser',
        acceptInsecureCerts: true,
        'webkitgtk:browserOptions': browser,
      },
    },
  });
  const base = `${url}/session/${session.parse(made).sessionId}`;
  return {
    open: async (page) => {
      await send(`${base}/url`, 'POST', { url: page });
    },
    evaluate: async (expression) => {
      const script = `return JSON.stringify(${expression}) ?? 'null'`;
      const value = await send(`${base}/execute/sync`, 'POST', { script, args: [] });
      return JSON.parse(z.string().parse(value));
    },
    end: async () => {
      await send(base, 'DELETE');
      await child.end();
    },
  };
}

export const WEBKIT: EngineKind = {
  name: 'WebKit',
  debian: 'webkit2gtk-driver',
  keepsPages: true,
  find: findMiniBrowser,
  start,
};

/** With the rules against tracking that Safari always has. */
export const WEBKIT_ITP: EngineKind = {
  ...WEBKIT,
  name: 'WebKit with ITP',
  start: (executable, proxyPort) => start(executable, proxyPort, ['--enable-itp']),
};
