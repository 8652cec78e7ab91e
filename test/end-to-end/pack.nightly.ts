import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, eventually, post, totalOf } from './api';
import { endServers, freePort, newFolder, ROOT } from './server';
import { StreamClient } from './stream-client';

const PACK_MS = 600_000;
const START_MS = 60_000;
const END_MS = 20_000;

/** It was 107 MB with the compilers; what is left are lmdb's builds, zod and the drivers. */
const MOST_MB = 70;

const children: ChildProcess[] = [];
const streams: StreamClient[] = [];
let folder = '';
let files = '';
let installS = 0;

afterAll(async () => {
  for (const stream of streams) stream.close();
  for (const { pid } of children) if (pid !== undefined) killGroup(pid);
  await endServers();
}, START_MS);

/** What a program of the installed packages prints. */
function printed(program: string, ...words: string[]): string {
  const env = { ...process.env, JWT_SECRET: 'a secret of 32 bytes, for this test alone' };
  return execFileSync('npx', [program, ...words], { cwd: folder, encoding: 'utf8', env });
}

function npm(cwd: string, ...args: string[]): void {
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd });
}

/** Kills what is left of a process group. */
function killGroup(id: number): void {
  try {
    process.kill(-id, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Starts the installed server as people do, in a process group of its own. */
async function startByNpx(port: number, since = performance.now()) {
  const env = { ...process.env, PORT: String(port), ADMIN_PORT: '0' };
  const child = spawn('npx', ['likestream'], { cwd: folder, env, stdio: 'ignore', detached: true });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  const page = await eventually(() => call(url, 'GET', '/'), START_MS);
  return { child, page, seconds: (performance.now() - since) / 1_000, url };
}

beforeAll(async () => {
  const packed = newFolder();
  folder = join(newFolder(), 'empty');
  mkdirSync(folder);
  for (const from of [ROOT, join(ROOT, 'client')]) npm(from, 'pack', '--pack-destination', packed);
  const archives = readdirSync(packed).map((name) => join(packed, name));
  expect(archives).toHaveLength(2);
  for (const archive of archives) {
    files += execFileSync('tar', ['tzf', archive], { encoding: 'utf8' });
  }
  npm(folder, 'init', '--yes');
  const before = performance.now();
  npm(folder, 'install', ...archives, '--cache', newFolder());
  installS = (performance.now() - before) / 1_000;
}, PACK_MS);

it('the packages have what people need, and nothing else', () => {
  for (const path of ['LICENSE', 'README.md', 'dist/main.js', 'dist/client/client.js']) {
    expect(files).toContain(`package/${path}\n`);
  }
  for (const path of ['client.js', 'index.d.ts']) expect(files).toContain(`package/dist/${path}\n`);
  // compose/ has its document alone.
  const others = /^package\/(?:dist\/)?(?:test|compose|tools\/(?:bench|chaos))\/(?!README\.md$)/m;
  expect(files).not.toMatch(others);
});

it('the programs answer, and their help names what is there', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(printed('likestream', '--version')).toBe(`${version}\n`);
  expect(printed('likestream-token', '--sub', 'ann')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const help = printed('likestream', '--help') + printed('likestream-token', '--help');
  expect(help).not.toMatch(/npm (?:run|start)/);
  const [, page = ''] = /More of each: (.*)/.exec(help) ?? [];
  expect(page.startsWith(join(folder, 'node_modules', 'likestream'))).toBe(true);
  expect(existsSync(page)).toBe(true);
});

it('an installation has no compiler, and is small', () => {
  const [sum = ''] = execFileSync('du', ['-sm', folder], { encoding: 'utf8' }).split('\t');
  process.stderr.write(`${installS.toFixed(1)} s to install, ${sum} MB\n`);
  expect(Number(sum)).toBeLessThan(MOST_MB);
  const names = readdirSync(join(folder, 'node_modules'));
  expect(names).toEqual(expect.arrayContaining(['likestream', 'likestream-client']));
  for (const name of ['@types', '@swc', 'esbuild', 'typescript']) expect(names).not.toContain(name);
});

it(
  'a signal to npx ends the server in order, and keeps its likes',
  async () => {
    const port = await freePort();
    // A supervisor's signal goes to npx alone, Ctrl-C to all processes of the terminal.
    const signals = [
      (npx: number) => process.kill(npx, 'SIGTERM'),
      (npx: number) => process.kill(-npx, 'SIGINT'),
    ];
    for (const [at, send] of signals.entries()) {
      const { child, page, seconds, url } = await startByNpx(port);
      process.stderr.write(`${seconds.toFixed(1)} s from npx to the page\n`);
      expect([page.status, page.text]).toEqual([200, expect.stringContaining('<!doctype html>')]);
      expect((await call(url, 'GET', '/client.js')).status).toBe(200);
      expect(await totalOf(url, '42')).toBe(at);
      expect((await post(url, '42', {})).status).toBe(201);
      const viewer = new StreamClient(url, ['video:42']);
      streams.push(viewer);
      await viewer.next('snapshot');
      send(child.pid ?? 0);
      await viewer.next('bye', undefined, END_MS);
      // The next server starts on the same port, with the same data.
      await eventually(() => expect(call(url, 'GET', '/')).rejects.toThrow(), END_MS);
    }
  },
  PACK_MS,
);
