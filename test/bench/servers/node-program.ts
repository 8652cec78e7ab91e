import { join } from 'node:path';
import type { Command } from '../../../compose/native/part';

const COLLECT = join(__dirname, 'programs', 'collect.js');

/** A Node program that collects its garbage on SIGUSR2. */
export function collectingNode(args: readonly string[], env = {}): Command {
  return {
    file: process.execPath,
    args: ['--expose-gc', '--require', COLLECT, ...args],
    env: { NODE_ENV: 'production', ...env },
  };
}

/** One of the bench's own servers. */
export function program(name: string): string {
  return join(__dirname, 'programs', `${name}.js`);
}
