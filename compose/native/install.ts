import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cacheFolder, NATIVE_FOLDER } from './folders';
import { fetchJars } from './maven';
import { PARTS } from './part-names';
import type { Progress } from './progress';
import { findJava, findMaven, type Java } from './tools';

const KEY_LENGTH = 16;
const INTERRUPTED = /^stack-[0-9a-f]+\.(\d+)-\d+$/;

/** The programs, fetched once for all checkouts with the same pom files. */
export interface Install {
  readonly java: Java;
  readonly folder: string;
}

/** Finds the programs in the cache, or fetches them by Maven. */
export async function install(progress: Progress): Promise<Install> {
  const java = findJava();
  const folder = join(cacheFolder(), `stack-${pomKey()}`);
  if (!existsSync(folder)) await fetchInto(folder, progress);
  return { java, folder };
}

/** All jars of one part in a fixed order: a class archive is valid only for this order. */
export function classPath(programs: Install, part: string): string {
  const folder = join(programs.folder, part);
  const jars = readdirSync(folder).filter((name) => name.endsWith('.jar'));
  return jars
    .sort()
    .map((name) => join(folder, name))
    .join(delimiter);
}

/** Fetches into a temporary folder and renames it when complete, so that no reader sees a part. */
async function fetchInto(folder: string, progress: Progress): Promise<void> {
  const maven = findMaven();
  removeInterrupted(folder);
  const fetching = `${folder}.${process.pid}-${Date.now()}`;
  mkdirSync(fetching, { recursive: true });
  try {
    await fetchJars(maven, fetching, progress);
    renameSync(fetching, folder);
  } catch (error) {
    rmSync(fetching, { recursive: true, force: true });
    // Another process may have fetched the same programs in the meantime.
    if (!existsSync(folder)) throw error;
  }
}

/** Deletes the folders of killed fetches; a folder's name has the id of its process. */
function removeInterrupted(folder: string): void {
  const cache = dirname(folder);
  if (!existsSync(cache)) return;
  for (const name of readdirSync(cache)) {
    const pid = Number(INTERRUPTED.exec(name)?.[1] ?? 0);
    if (pid > 0 && !isAlive(pid)) rmSync(join(cache, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function pomKey(): string {
  const hash = createHash('sha256');
  for (const part of ['', ...PARTS])
    hash.update(readFileSync(join(NATIVE_FOLDER, part, 'pom.xml')));
  return hash.digest('hex').slice(0, KEY_LENGTH);
}
