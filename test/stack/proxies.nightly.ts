import type { ChildProcess } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { openBrowser } from '../browser/browser';
import { eventually, pause } from '../end-to-end/api';
import { endServers, freePort, newFolder, Server } from '../end-to-end/server';
import { type CertificateFiles, TestAuthority } from './certificates';
import { byeAndProblem, emptySite } from './other-origin';
import { PROXIES, type ProxyPlan, type ProxyProgram, proxyFolder } from './proxy-programs';
import { RecordingLink } from './recording-link';
import { TlsClient } from './tls-stream';

const OPEN_MS = 180_000;
const START_MS = 60_000;
const RETURN_MS = 20_000;
const BROWSER_MS = 180_000;
const EVENTS = 20;

let folder: string;
let authority: TestAuthority;
let certificate: CertificateFiles;
let server: Server;

beforeAll(async () => {
  folder = newFolder();
  chmodSync(folder, 0o755);
  authority = new TestAuthority(folder);
  certificate = authority.sign('localhost');
  server = await Server.startToReturn();
}, START_MS);
afterAll(endServers);

/** One proxy in front of the server, and its clients. */
class Site {
  readonly link = new RecordingLink(() => server.port);
  private readonly clients: TlsClient[] = [];
  private plan: ProxyPlan | undefined;
  private process: ChildProcess | undefined;

  constructor(private readonly proxy: ProxyProgram) {}

  async start(): Promise<void> {
    await this.link.listen();
    const [port, adminPort] = [await freePort(), await freePort()];
    const own = proxyFolder(folder, this.proxy.name);
    this.plan = { folder: own, port, adminPort, upstream: this.link.port, certificate };
    this.process = this.proxy.start(this.plan);
    await eventually(async () => {
      expect((await this.client().call('GET', '/videos/42/likes')).status).toBe(200);
    }, START_MS);
  }

  get url(): string {
    return `https://localhost:${this.plan?.port}`;
  }

  client(): TlsClient {
    const client = new TlsClient(this.url, authority.ca);
    this.clients.push(client);
    return client;
  }

  /** A viewer that has seen the present total. */
  async viewer(): Promise<{ viewer: TlsClient; total: number }> {
    const viewer = this.client();
    viewer.open();
    const { text } = await viewer.call('GET', '/videos/42/likes');
    const { total } = JSON.parse(text) as { total: number };
    await viewer.until(total, RETURN_MS);
    return { viewer, total };
  }

  reload(): void {
    if (this.plan && this.process) this.proxy.reload(this.plan, this.process);
  }

  async end(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.stop();
    await this.link.refuse();
  }

  private async stop(): Promise<void> {
    const child = this.process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await ended;
  }
}

/** What a proxy does while all is well. */
function passesOn(site: Site): void {
  it(
    'passes each event on before the next one is sent',
    async () => {
      const { total, viewer } = await site.viewer();
      for (let at = 1; at <= EVENTS; at++) {
        expect(await viewer.like()).toBe(201);
        await viewer.until(total + at);
      }
      expect(viewer.connections).toBe(1);
      viewer.close();
    },
    START_MS,
  );

  it("passes likestream's problems unchanged", async () => {
    const client = site.client();
    const wrong = JSON.stringify({ reaction: 'hate' });
    const { headers, status, text } = await client.call('POST', '/videos/42/likes', wrong);
    expect([status, headers['content-type']]).toEqual([
      400,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
    expect(JSON.parse(text)).toMatchObject({ status: 400, code: 'unknown_reaction' });
    const final = await client.call('GET', '/stream?channel=nothing');
    expect([final.status, JSON.parse(final.text).code]).toEqual([400, 'invalid_channel']);
  });

  it('sets the address and the scheme of the client itself', async () => {
    const forged = { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'http' };
    await site.client().call('GET', '/videos/headers/likes', '', forged);
    const head = site.link.heads.findLast((text) => text.includes('/videos/headers/likes')) ?? '';
    expect(head).toMatch(/^x-forwarded-for: 127\.0\.0\.1\r$/im);
    expect(head).toMatch(/^x-forwarded-proto: https\r$/im);
    expect(head).not.toContain('192.0.2.1');
    expect(head).toMatch(/^host: localhost/im);
  });
}

/** What a proxy does when a part fails or is replaced. */
function survives(site: Site, name: string): void {
  it(
    'answers a stream with bye and a call with a problem while the server is down',
    async () => {
      const { total, viewer } = await site.viewer();
      await site.link.refuse();
      await eventually(() => expect(viewer.events.at(-1)?.name).toBe('bye'), RETURN_MS);
      expect(viewer.statuses).not.toContain(502);
      const { status, text } = await viewer.call('POST', '/videos/42/likes', '{}');
      expect([status, JSON.parse(text).code]).toEqual([503, 'peer_unavailable']);

      await site.link.listen();
      await eventually(async () => expect(await viewer.like()).toBe(201), RETURN_MS);
      await viewer.until(total + 1, RETURN_MS);
      expect(viewer.events.filter(({ name }) => name === 'snapshot')).toHaveLength(1);
      viewer.close();
    },
    START_MS,
  );

  it(
    'answers a page of another origin so that it can read bye and the problem',
    async () => {
      const other = await emptySite();
      const browser = await openBrowser();
      const page = await browser.newPage({ ignoreHTTPSErrors: true });
      await page.goto(other.url);
      await site.link.refuse();
      await eventually(async () => {
        const { status } = await site.client().call('GET', '/videos/42/likes');
        expect(status).toBe(503);
      }, RETURN_MS);
      const read = await page.evaluate(byeAndProblem(site.url)).finally(async () => {
        await browser.close();
        other.site.close();
      });
      expect(read).toEqual(['unavailable', 'unavailable', 503, 'peer_unavailable']);
      await site.link.listen();
    },
    BROWSER_MS,
  );

  it(
    'loses nothing when the proxy is reloaded',
    async () => {
      const { total, viewer } = await site.viewer();
      let sent = 0;
      for (let at = 0; at < EVENTS; at++) {
        if (at === EVENTS / 2) site.reload();
        await eventually(async () => expect(await viewer.like()).toBe(201), RETURN_MS);
        sent++;
      }
      await viewer.until(total + sent, RETURN_MS);
      expect(viewer.events.filter(({ name }) => name === 'snapshot')).toHaveLength(1);
      process.stderr.write(`${name}: ${viewer.connections} connection(s) over a reload\n`);
      viewer.close();
    },
    START_MS,
  );

  it(
    'keeps an idle stream open for three minutes',
    async () => {
      const { total, viewer } = await site.viewer();
      await pause(OPEN_MS);
      expect(await viewer.like()).toBe(201);
      await viewer.until(total + 1);
      expect(viewer.connections).toBe(1);
      expect(viewer.events.filter(({ name }) => name === 'ping').length).toBeGreaterThan(10);
      viewer.close();
    },
    OPEN_MS + START_MS,
  );
}

/** Likes a video with the client that the server serves, once its first state is there. */
const LIKE_IN_PAGE = `import('/client.js').then(({ connect }) => new Promise((resolve) => {
  const video = connect().watch('video:' + location.port, {
    likes: ({ total, pending }) => {
      if (total === 0) video.like();
      else if (pending === 0) resolve(total);
    },
  });
}))`;

/** What the resources of a page came by, each protocol once. */
const PROTOCOLS = `[...new Set(performance.getEntriesByType('resource')
  .filter(({ name }) => name.startsWith(location.origin))
  .map(({ nextHopProtocol }) => nextHopProtocol))]`;

/** Chromium through the proxy. */
function servesBrowsers(site: Site): void {
  it(
    'serves the page and its client over HTTP/2, and takes a like',
    async () => {
      const browser = await openBrowser();
      const page = await browser.newPage({ ignoreHTTPSErrors: true });
      await page.goto(site.url);
      expect(await page.evaluate(LIKE_IN_PAGE)).toBe(1);
      expect(await page.evaluate(PROTOCOLS)).toEqual(['h2']);
      await browser.close();
    },
    BROWSER_MS,
  );
}

for (const proxy of PROXIES) {
  const describeIt = proxy.isInstalled ? describe : describe.skip;
  describeIt(`likestream behind ${proxy.name} (skipped if it is not installed)`, () => {
    const site = new Site(proxy);
    beforeAll(() => site.start(), START_MS);
    afterAll(() => site.end(), START_MS);

    passesOn(site);
    servesBrowsers(site);
    survives(site, proxy.name);
  });
}
