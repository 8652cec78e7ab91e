import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The checkout's top folder, whether this runs as TypeScript or compiled under `dist`. */
export const ROOT = rootAbove(__dirname);

/** The folder of the pom files and templates, which stay where they are when this is compiled. */
export const NATIVE_FOLDER = join(ROOT, 'compose', 'native');

/** Where all checkouts share what is fetched. */
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
