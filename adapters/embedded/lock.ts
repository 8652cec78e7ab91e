import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

type Flock = (file: number, operation: number) => number;

// koffi has types only for `import`; `require` returns the same module.
const koffi: {
  load(library: null): { func(signature: string): Flock };
  errno(): number;
} = require('koffi');

const LOCK_EX = 2;
const LOCK_NB = 4;

const PRIVATE_FOLDER = 0o700;
const OF_OTHERS = 0o077;

/**
 * Locks a folder for this process, and creates it if it is missing. Returns the function that
 * unlocks it. The kernel also unlocks it when the process ends in any way. Throws if it is locked
 * already.
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
  const file = openSync(join(folder, 'lock'), 'w');
  const flock = koffi.load(null).func('int flock(int file, int operation)');
  if (flock(file, LOCK_EX | LOCK_NB) !== 0) {
    const errno = koffi.errno();
    closeSync(file);
    throw lockError(folder, errno);
  }
  return () => closeSync(file);
}

/** The error after `flock` failed on a folder with this `errno`. */
export function lockError(folder: string, errno: number): Error {
  if (errno === constants.errno.EWOULDBLOCK) {
    return new Error(`${folder} is in use by another likestream: stop it, or set DATA_DIR`);
  }
  const [name = `errno ${errno}`] =
    Object.entries(constants.errno).find(([, number]) => number === errno) ?? [];
  return new Error(`${folder} cannot be locked: ${name}`);
}

/** Whether other users of the machine may read a folder, or write into it. */
export function isOpenToOthers(folder: string): boolean {
  return (statSync(folder).mode & OF_OTHERS) !== 0;
}
