import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../native/command';
import { ROOT } from '../native/folders';
import { HOST } from '../native/host';
import { fillTemplate } from '../native/template';
import type { AppPlan } from './plan';

const NGINX_CONFIG = join('..', 'door', 'nginx.conf');
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
      .join('\n    ');
  fillTemplate(NGINX_CONFIG, config, {
    dollar: '$',
    host: HOST,
    port: plan.doorPort,
    workers: WORKERS,
    descriptors: DESCRIPTORS,
    producers: servers('producer'),
    frontends: servers('frontend'),
  });
  return { file: 'nginx', args: ['-p', folder, '-c', config, '-e', 'stderr'] };
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
