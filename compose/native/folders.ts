import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The root folder of the checkout, for TypeScript and for compiled code under `dist`. */
export const ROOT = findRoot(__dirname);

/**
 * The source folder `compose/native`. It has the pom files and templates, which the compiler does
 * not copy to `dist`.
 */
export const NATIVE_FOLDER = join(ROOT, 'compose', 'native');

/** The folder in which all checkouts share fetched programs. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME: base } = process.env;
  return join(base || join(homedir(), '.cache'), 'likestream');
}

function findRoot(start: string): string {
  let folder = start;
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) {
      throw new Error(`no package.json in ${start} or above: run this from a complete checkout`);
    }
    folder = above;
  }
  return folder;
}
