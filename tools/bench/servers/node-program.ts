import { join } from 'node:path';
import type { Command } from '../../../compose/native/command';
import { ROOT } from '../../../compose/native/folders';

const COLLECT = join(__dirname, 'programs', 'collect.js');

/** A Node program that collects its garbage on SIGUSR2. */
export function collectingNode(args: readonly string[], env = {}): Command {
  return {
    file: process.execPath,
    args: ['--expose-gc', '--require', COLLECT, ...args],
    env: { NODE_ENV: 'production', ...env },
  };
}

/** One of the bench's own servers, from a checkout's build. */
export function program(name: string, checkout = ROOT): string {
  return join(checkout, 'dist', 'test', 'bench', 'servers', 'programs', `${name}.js`);
}
