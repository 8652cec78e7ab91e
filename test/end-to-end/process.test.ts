import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, eventually, metric, post, problemIn, range, totalOf } from './api';
import { endServers, freePort, newFolder, ROOT, Server } from './server';
import { entriesIn } from './store';
import { StreamClient } from './stream-client';

afterAll(endServers);

describe('a start that is refused', () => {
  it('names the data folder that another process uses, by any path', async () => {
    const first = await Server.start();
    const alias = join(newFolder(), 'alias');
    symlinkSync(first.dataDir, alias);
    for (const dataDir of [first.dataDir, alias, relative(ROOT, first.dataDir)]) {
      const { code, stderr, stdout } = await Server.startInVain({ dataDir });
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/in use by another likestream/);
      expect(stderr).not.toMatch(/\.js:\d+/);
    }
    expect((await post(first.url, 'first', {})).status).toBe(201);
    await first.kill();
    const second = await Server.start({ dataDir: first.dataDir });
    expect((await second.stop()).code).toBe(0);
  });

  it.each([
    ['PORT', '0'],
    ['ADMIN_PORT', '0'],
    ['PORT', '2'],
    ['ADMIN_PORT', '2'],
    ['INTERNAL_PORT', '2'],
  ])('names a %s that is in use (WORKERS=%s)', async (name, workers) => {
    const port = await freePort();
    const taker = createServer();
    await new Promise<void>((resolve) => taker.listen(port, resolve));
    const env = { [name]: String(port), WORKERS: workers };
    const { code, stderr } = await Server.startInVain({ env });
    await new Promise((resolve) => taker.close(resolve));
    expect(code).toBe(1);
    expect(stderr).toContain(String(port));
    expect(stderr).toMatch(/taken|in use/);
  });

  it('names all invalid settings', async () => {
    const env = { PORT: '99999', WORKERS: 'many', DATACENTER: 'DC 1', LOG_LEVEL: 'loud' };
    const { code, stderr } = await Server.startInVain({ env });
    expect(code).toBe(1);
    for (const name of Object.keys(env)) expect(stderr).toContain(name);
    expect(stderr).not.toMatch(/\.js:\d+/);
  });

  it('names DATA_DIR if it is a file', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    const { code, stderr } = await Server.startInVain({ dataDir: file });
    expect(code).toBe(1);
    expect(stderr).toContain(file);
  });
});

describe('a start with data or modules that do not fit', () => {
  it.each(['no', 'another'])(
    'names a DATA_DIR whose data has %s format, and touches nothing in it',
    async (which) => {
      const first = await Server.start();
      await first.stop();
      const { dataDir } = first;
      const format = join(dataDir, 'format');
      const written = Number(readFileSync(format, 'utf8'));
      if (which === 'no') rmSync(format);
      else writeFileSync(format, String(written + 1));
      const before = readdirSync(dataDir, { recursive: true });
      const { code, stderr, stdout } = await Server.startInVain({ dataDir });
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(dataDir);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(readdirSync(dataDir, { recursive: true })).toEqual(before);
    },
  );

  it.each([
    ['that does not exist', 'no-such-module.js'],
    ['that is no event type', 'biome.json'],
  ])('names a module of EVENT_TYPES %s', async (_, path) => {
    const { code, stderr } = await Server.startInVain({ env: { EVENT_TYPES: path } });
    expect(code).toBe(1);
    expect(stderr).toContain(`EVENT_TYPES: ${path}`);
    expect(stderr).not.toMatch(/\.js:\d+/);
  });
});

describe('a start', () => {
  it('creates its folder, and prints its URLs and that everyone may like', async () => {
    const server = await Server.start({ dataDir: join(newFolder(), 'a', 'b') });
    expect(server.port).toBeGreaterThan(0);
    expect(server.adminPort).not.toBe(server.port);
    const { stdout, stderr } = await server.stop();
    expect(stdout).toContain(server.dataDir);
    expect(stdout).toMatch(/anonymous/);
    expect(stderr).toBe('');
  });

  it('treats empty settings as missing', async () => {
    const server = await Server.start({
      env: { ADVERTISE_URL: '', WORKERS: '', CORS_ORIGINS: '' },
    });
    expect((await post(server.url, 'empty', {})).status).toBe(201);
  });

  it('accepts the configured reactions', async () => {
    const server = await Server.start({ env: { REACTIONS: 'like, wow' } });
    expect((await post(server.url, 'r', { reaction: 'wow' })).status).toBe(201);
    const answer = await post(server.url, 'r', { reaction: 'love' });
    expect([answer.status, problemIn(answer).code]).toEqual([400, 'unknown_reaction']);
  });

  it('serves an event type of a module, which no other file names', async () => {
    const env = { EVENT_TYPES: 'docs/examples/poll-votes.js' };
    const server = await Server.start({ env });
    const viewer = new StreamClient(server.url, ['video:poll']);
    await viewer.next('snapshot');
    const path = '/videos/poll/poll-votes';
    const vote = (option: string) => call(server.url, 'POST', path, { body: { option } });
    expect((await vote('a')).status).toBe(201);
    const { data } = await viewer.next('poll-votes');
    expect(data).toMatchObject({ channel: 'video:poll', votes: 1, options: { a: 1 }, new: 1 });
    expect(await entriesIn(server.dataDir, 'poll-votes', 'video:poll')).toMatchObject([
      { channel: 'video:poll', body: { option: 'a' } },
    ]);
    viewer.close();
  });

  it('works in a folder with a space and non-ASCII letters in its name', async () => {
    const dataDir = join(newFolder(), 'my däta');
    mkdirSync(dataDir);
    const server = await Server.start({ dataDir });
    expect((await post(server.url, 'x', {})).status).toBe(201);
  });
});

describe('pages of browsers', () => {
  it('accepts calls of pages with a configured origin, and of no others', async () => {
    const server = await Server.start({ env: { CORS_ORIGINS: 'https://a.example' } });
    const sent = async (origin: string, method = 'POST') => {
      const headers = { Origin: origin, 'Access-Control-Request-Method': 'POST' };
      const answer = await call(server.url, method, '/videos/a/likes', { headers });
      return [answer.status, answer.headers['access-control-allow-origin']];
    };
    expect(await sent('https://a.example')).toEqual([201, 'https://a.example']);
    expect(await sent('https://a.example', 'OPTIONS')).toEqual([204, 'https://a.example']);
    expect(await sent(server.url)).toEqual([201, server.url]);
    for (const origin of ['http://localhost:3000', 'https://b.example', 'null']) {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        expect(await sent(origin, method)).toEqual([403, undefined]);
      }
    }
    expect(await totalOf(server.url, 'a')).toBe(2);
  });

  it('of another site, a form or a fetch without preflight counts nothing', async () => {
    const server = await Server.start();
    const headers = { Origin: 'https://evil.example', 'Content-Type': 'text/plain' };
    const answer = await post(server.url, 'csrf', {}, { headers });
    expect([answer.status, problemIn(answer).code]).toEqual([403, 'origin_forbidden']);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(await totalOf(server.url, 'csrf')).toBe(0);
  });

  it('sends headers against guessing, framing and passing on addresses', async () => {
    const server = await Server.start();
    const page = (await call(server.url, 'GET', '/')).headers;
    expect(page).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    });
    for (const path of ['/videos/a/likes', '/none', '/stream?channel=none']) {
      const { headers } = await call(server.url, 'GET', path);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });
});

const onLinux = process.platform === 'linux' ? it : it.skip;

const MEASURED_MS = 2_000;

describe('an idle process', () => {
  onLinux('wakes up less than 50 times a second', async () => {
    const server = await Server.start();
    const viewer = new StreamClient(server.url, ['video:idle']);
    await viewer.next('snapshot');
    await post(server.url, 'idle', {});
    // A rate can only be measured over real time. A timer of 10 ms would wake the thread 200 times.
    await eventually(async () => {
      const before = wakeUps(server.pid);
      await sleep(MEASURED_MS);
      expect(wakeUps(server.pid) - before).toBeLessThan(100);
    });
    viewer.close();
  });
});

/** The voluntary context switches of the process's main thread. */
function wakeUps(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
}

describe('the admin port', () => {
  it.each(['0', '2'])('has metrics and health of the whole tree (WORKERS=%s)', async (workers) => {
    const server = await Server.start({ env: { WORKERS: workers } });
    const viewers = range(6).map(() => new StreamClient(server.url, ['video:admin']));
    await Promise.all(viewers.map((viewer) => viewer.next('snapshot')));
    await post(server.url, 'admin', { likes: [{}, {}] });
    expect((await call(server.adminUrl, 'GET', '/health/live')).status).toBe(200);
    expect((await call(server.adminUrl, 'GET', '/health/ready')).status).toBe(200);
    const metrics = await call(server.adminUrl, 'GET', '/metrics');
    expect(metrics.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(metrics.text).toMatch(
      /^likestream_entries_taken_total\{type="likes",outcome="new"\} 2$/m,
    );
    expect(metrics.text).toMatch(/^# TYPE likestream_viewers gauge$/m);
    expect(await metric(server.adminUrl, 'likestream_viewers')).toBe(6);
    for (const viewer of viewers) viewer.close();
    const nowhere = await call(server.adminUrl, 'GET', '/nowhere');
    expect([nowhere.status, problemIn(nowhere).code]).toEqual([404, 'not_found']);
  });
});
