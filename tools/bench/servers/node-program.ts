import { existsSync } from 'node:fs';
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

/** Folders of the bench in a checkout: today's, and the one of versions up to 0.1. */
const BENCH_FOLDERS = ['tools', 'test'];

/** The path of one of the bench's own servers in the build of a checkout. */
export function program(name: string, checkout = ROOT): string {
  const paths = BENCH_FOLDERS.map((folder) =>
    join(checkout, 'dist', folder, 'bench', 'servers', 'programs', `${name}.js`),
  );
  return paths.find(existsSync) ?? join(...paths.slice(0, 1));
}
