import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { benchCache } from '../build';
import type { Kind } from '../server';
import { DATA } from '../target';
import { runToEnd } from './find';
import { collectingNode, program } from './node-program';

const VERSION = '0.16.1';

function folder(): string {
  return benchCache('better-sse');
}

function library(): string {
  return join(folder(), 'node_modules', 'better-sse');
}

/** better-sse: the most used library of its kind for Node. */
export const BETTER_SSE: Kind = {
  name: 'better-sse',
  title: `better-sse ${VERSION}`,
  installLine: `npm install better-sse@${VERSION}`,
  isThere: () => existsSync(library()),
  install() {
    const args = ['install', '--prefix', folder(), '--no-audit', '--no-fund'];
    runToEnd('npm', [...args, `better-sse@${VERSION}`]);
  },
  launch({ ports: [port] }) {
    const command = collectingNode([program('better-sse'), String(port), library()]);
    return { command, target: { port, path: '/', post: { port, path: '/', body: DATA } } };
  },
  collecting: (tree) => tree,
};
