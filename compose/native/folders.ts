import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The root folder of the checkout, for TypeScript and for compiled code under `dist`. */
export const ROOT = rootAbove(__dirname);

/** The folder of the pom files and templates, which the compiler does not copy. */
export const NATIVE_FOLDER = join(ROOT, 'compose', 'native');

/** The folder in which all checkouts share fetched programs. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME: base } = process.env;
  return join(base || join(homedir(), '.cache'), 'likestream');
}

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('no package.json above: is this a whole checkout?');
  return rootAbove(above);
}
