import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';

type Flock = (file: number, operation: number) => number;

// koffi has types only for `import`; `require` returns the same module.
const koffi: { load(library: null): { func(signature: string): Flock } } = require('koffi');

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Locks a folder for this process, and creates it if it is missing; returns the function that
 * unlocks it. The kernel unlocks it when the process ends in any way. Throws if another process has
 * the lock.
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, 'lock'), 'w');
  const flock = koffi.load(null).func('int flock(int file, int operation)');
  if (flock(file, LOCK_EX | LOCK_NB) !== 0) {
    closeSync(file);
    throw new Error(`${folder} is in use by another likestream: stop it, or set DATA_DIR`);
  }
  return () => closeSync(file);
}
