import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../native/command';
import { ROOT } from '../native/folders';
import { HOST } from '../native/host';
import type { AppPlan } from './plan';

const NGINX_CONFIG = join(ROOT, 'compose', 'door', 'nginx.conf');
const TEMP_PATHS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
const WORKERS = 4;
const DESCRIPTORS = 16_384;
const NODE_DOOR = join(ROOT, 'dist', 'compose', 'app', 'node-door.js');

/** The command of the door, a reverse proxy: nginx if it is installed, else our own small one. */
export function chooseDoor(door: 'any' | 'node', folder: string, plan: AppPlan): Command {
  const hasNginx = spawnSync('nginx', ['-v']).status === 0;
  return door === 'any' && hasNginx ? nginx(folder, plan) : nodeDoor(plan);
}

function nginx(folder: string, plan: AppPlan): Command {
  mkdirSync(join(folder, 'temp'), { recursive: true });
  const config = join(folder, 'nginx.conf');
  const servers = (role: string): string =>
    portsOf(plan, role)
      .map((port) => `server ${HOST}:${port} max_fails=1 fail_timeout=1s;`)
      .join(' ');
  const text = withLines(readFileSync(NGINX_CONFIG, 'utf8'), {
    paths: 'daemon off; pid nginx.pid;',
    errors: 'error_log stderr warn;',
    workers: `worker_processes ${WORKERS};`,
    files: `worker_rlimit_nofile ${DESCRIPTORS};`,
    connections: `worker_connections ${DESCRIPTORS};`,
    temp: ['access_log off;', ...TEMP_PATHS.map((name) => `${name}_temp_path temp;`)].join(' '),
    producers: servers('producer'),
    frontends: servers('frontend'),
    address: `listen ${HOST}:${plan.doorPort} backlog=4096 reuseport;`,
    tls: '',
  });
  writeFileSync(config, text);
  return { file: 'nginx', args: ['-p', folder, '-c', config, '-e', 'stderr'] };
}

/**
 * Replaces the lines of a configuration that end with a word as `# tls`.
 * @throws Error if a word is in no line
 */
export function withLines(config: string, lines: Readonly<Record<string, string>>): string {
  return Object.entries(lines).reduce((text, [word, line]) => {
    const marked = new RegExp(`^.* # ${word}$`, 'gm');
    if (!marked.test(text)) throw new Error(`nginx.conf has no line with # ${word}`);
    return text.replace(marked, () => line);
  }, config);
}

function nodeDoor(plan: AppPlan): Command {
  const upstreams = (role: string): string =>
    portsOf(plan, role)
      .map((port) => `http://${HOST}:${port}`)
      .join();
  const args = [NODE_DOOR, String(plan.doorPort), upstreams('producer'), upstreams('frontend')];
  return { file: process.execPath, args };
}

function portsOf({ members }: AppPlan, role: string): number[] {
  return members.filter((member) => member.role === role).map(({ port }) => port);
}
