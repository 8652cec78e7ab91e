import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../browser/browser';
import { call, eventually, post, totalOf } from '../end-to-end/api';
import { endServers, newFolder, Server } from '../end-to-end/server';
import { fileText, ROOT } from './page';

const SECRET = 'a secret that only the test and the server know';
const START_MS = 60_000;
const RETURN_MS = 20_000;
/** The first build of a Go program compiles the standard library. */
const RUN_MS = 120_000;

const children: ChildProcess[] = [];
const sites: HttpServer[] = [];
let browser: Browser;
let server: Server;

beforeAll(async () => {
  browser = await openBrowser();
  server = await Server.startToReturn({ env: { JWT_SECRET: SECRET, ANONYMOUS: 'all' } });
}, START_MS);
afterAll(async () => {
  await browser?.close();
  for (const child of children) child.kill('SIGKILL');
  for (const site of sites) site.close();
  await endServers();
});

/** Starts a program; collects the lines that it prints. */
function linesOf(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string[] {
  const options = { cwd: ROOT, env: { ...process.env, ...env } };
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return lines;
}

/** Serves one page, and perhaps a script, as a web server of the example's reader does. */
function serve(files: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve) => {
    const site = createServer(({ url = '' }, response) => {
      const path = url.replace(/\?.*/, '');
      response.setHeader('Content-Type', path.endsWith('.js') ? 'text/javascript' : 'text/html');
      response.end(files[path] ?? '');
    });
    sites.push(site);
    site.listen(0, '127.0.0.1', () => {
      resolve(`http://localhost:${(site.address() as AddressInfo).port}`);
    });
  });
}

async function shows(page: Page, selector: string, text: string): Promise<void> {
  await eventually(async () => {
    expect(await page.locator(selector).textContent()).toBe(text);
  }, RETURN_MS);
}

/** Whether a pixel of the canvas has a colour. */
const IS_DRAWN = `(() => {
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
})()`;

/** Opens an example's page; its own errors fail the test. */
async function open(url: string): Promise<Page> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(url);
  return page;
}

/** Whether a program can be run here; on the machines of CI all of them must be. */
function isInstalled(command: string, version: string): boolean {
  return process.env.CI !== undefined || spawnSync(command, [version]).status === 0;
}

/** The Go example, built, because `go run` does not pass signals on. */
function builtGo(): string {
  const folder = newFolder();
  const program = join(folder, 'watch');
  const env = { ...process.env, GOFLAGS: '-mod=mod' };
  execFileSync('go', ['build', '-o', program, 'main.go'], {
    ...{ env, cwd: join(ROOT, 'docs/examples/go') },
  });
  return program;
}

describe.each([
  { name: 'python', version: '--version', program: () => 'python3', video: 'py' },
  { name: 'go', version: 'version', program: builtGo, video: 'go' },
])('the viewer in $name', ({ name, program, version, video }) => {
  const command = name === 'go' ? 'go' : 'python3';
  const test = isInstalled(command, version) ? it : it.skip;
  test(
    `prints each change, and misses nothing over a crash (needs ${command})`,
    async () => {
      const script = name === 'go' ? [] : ['docs/examples/python/watch.py'];
      const lines = linesOf(program(), [...script, server.url, `video:${video}`]);
      await eventually(() => expect(lines).toEqual(['snapshot 0 0']), RETURN_MS);
      await post(server.url, video, {});
      await eventually(() => expect(lines.at(-1)).toBe('likes 1 1'));
      await server.kill();
      server = await server.startAgain();
      await post(server.url, video, { likes: [{}, {}] });
      await eventually(() => expect(lines.at(-1)).toMatch(/^likes 3 [12]$/), RETURN_MS);
      expect(lines.filter((line) => line.startsWith('snapshot'))).toHaveLength(1);
    },
    RUN_MS,
  );
});

it(
  'the page without a bundler shows likes and comments',
  async () => {
    const site = await serve({ '/': fileText('docs/examples/page/index.html') });
    const page = await open(`${site}/?server=${server.url}`);
    const before = await totalOf(server.url, '42');
    await shows(page, '#total', `${before}`);
    await shows(page, '#state', 'connected');
    await shows(page, '#viewers', '1');
    await page.locator('#like').click();
    await shows(page, '#total', `${before + 1}`);
    await eventually(async () => expect(await totalOf(server.url, '42')).toBe(before + 1));
    await page.locator('input').fill('hello <b>');
    await page.locator('form button').click();
    await eventually(async () => {
      expect(await page.locator('#comments li').allTextContents()).toEqual([
        expect.stringMatching(/^guest [0-9a-f]{4}: hello <b>$/),
      ]);
    });
    await page.close();
  },
  RUN_MS,
);

it(
  'the page without a bundler starts also if the server is down while it loads',
  async () => {
    const site = await serve({ '/': fileText('docs/examples/page/index.html') });
    const page = await browser.newPage();
    let refused = 0;
    // The server is down at the first imports of both modules.
    await page.route('**/*.js*', (route) =>
      refused++ % 2 === 0 ? route.abort('connectionrefused') : route.continue(),
    );
    await page.goto(`${site}/?server=${server.url}`);
    await shows(page, '#state', `no answer from ${server.url} yet`);
    await shows(page, '#state', 'connected');
    expect(refused).toBe(4);
    await page.close();
  },
  RUN_MS,
);

it(
  'the React example shows and sends likes',
  async () => {
    const { build }: { build(options: object): { outputFiles: readonly { text: string }[] } } =
      require('../../docs/examples/react/build');
    const { outputFiles } = build({
      write: false,
      alias: {
        'likestream-client': join(ROOT, 'client/index.ts'),
        'likestream-client/hearts': join(ROOT, 'client/hearts/index.ts'),
        'likestream-client/react': join(ROOT, 'client/react/index.ts'),
      },
    });
    const html = fileText('docs/examples/react/index.html');
    const site = await serve({ '/': html, '/dist/app.js': outputFiles[0]?.text ?? '' });
    const page = await open(`${site}/?server=${server.url}`);
    const before = await totalOf(server.url, '42');
    await shows(page, '#total', `${before}`);
    await shows(page, 'p', `♥ ${before} 1 watching`);
    await page.locator('#like').click();
    await shows(page, '#total', `${before + 1}`);
    await eventually(async () => expect(await page.evaluate(IS_DRAWN)).toBe(true), RETURN_MS);
    await eventually(async () => expect(await totalOf(server.url, '42')).toBe(before + 1));
    await page.close();
  },
  RUN_MS,
);

it(
  'the Node example renders the state, goes on from there, and publishes a score',
  async () => {
    const env = { JWT_SECRET: SECRET, LIKESTREAM: server.url, PORT: '0' };
    const lines = linesOf(process.execPath, ['docs/examples/node/server.js'], env);
    const site = await eventually(() => {
      expect(lines[0]).toMatch(/^http:/);
      return lines[0] ?? '';
    });
    const before = await totalOf(server.url, '42');
    const html = (await call(site, 'GET', '/')).text;
    expect(html).toContain(`<span id="total">${before}</span>`);

    const page = await browser.newPage();
    const streams: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/stream')) streams.push(request.url());
    });
    await page.goto(site);
    await eventually(() => expect(streams).toHaveLength(1), RETURN_MS);
    expect(new URL(streams[0] ?? '').searchParams.get('lastEventId')).toContain('video:42/likes=');
    await post(server.url, '42', {});
    await shows(page, '#total', `${before + 1}`);
    const score = { home: 1, away: 0 };
    expect((await call(site, 'PUT', '/score', { body: score })).status).toBe(200);
    await shows(page, '#score', JSON.stringify(score));
    await page.close();
  },
  RUN_MS,
);

it('every example is named in docs/getting-started.md or docs/add-an-event-type.md', () => {
  const pages = ['docs/getting-started.md', 'docs/add-an-event-type.md'].map(fileText).join('\n');
  const all = [
    'page/index.html',
    'react/app.jsx',
    'node/server.js',
    'python/watch.py',
    'go/main.go',
  ];
  for (const name of [...all, 'poll-votes.js']) {
    expect(readFileSync(join(ROOT, 'docs/examples', name), 'utf8')).not.toBe('');
    expect(pages).toContain(`examples/${name}`);
  }
});
