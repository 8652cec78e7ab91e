import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { call, eventually, post } from './api';
import { endServers, freePort, newFolder, ROOT } from './server';

const PACK_MS = 300_000;
const START_MS = 60_000;

afterAll(endServers);

function npm(cwd: string, ...args: string[]): void {
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd });
}

it(
  'the packed server runs in an empty folder, and shows the page',
  async () => {
    const [packed, empty] = [newFolder(), join(newFolder(), 'empty')];
    mkdirSync(empty);
    npm(ROOT, 'pack', '--pack-destination', packed);
    const [name = ''] = readdirSync(packed);
    const files = execFileSync('tar', ['tzf', join(packed, name)], { encoding: 'utf8' });
    for (const path of ['LICENSE', 'README.md', 'dist/main.js', 'dist/client/client.js']) {
      expect(files).toContain(`package/${path}\n`);
    }
    expect(files).not.toMatch(/^package\/(?:dist\/)?(?:test|compose|tools\/(?:bench|chaos))\//m);

    const before = performance.now();
    npm(empty, 'init', '--yes');
    npm(empty, 'install', join(packed, name));
    const port = await freePort();
    const env = { ...process.env, PORT: String(port), ADMIN_PORT: '0' };
    const command = join(empty, 'node_modules', '.bin', 'likestream');
    const child = spawn(command, { cwd: empty, env, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    try {
      const url = `http://127.0.0.1:${port}`;
      const page = await eventually(() => call(url, 'GET', '/'), START_MS);
      process.stderr.write(`${((performance.now() - before) / 1000).toFixed(1)} s to the page\n`);
      expect([page.status, page.text]).toEqual([200, expect.stringContaining('<!doctype html>')]);
      expect((await call(url, 'GET', '/client.js')).status).toBe(200);
      expect((await post(url, '42', {})).status).toBe(201);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
  },
  PACK_MS,
);
