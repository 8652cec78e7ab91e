import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';

type Flock = (file: number, operation: number) => number;

// koffi describes its types for import alone; as CommonJS it is the same module.
const koffi: { load(library: null): { func(signature: string): Flock } } = require('koffi');

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Takes a folder for this process alone, made where it is not there; the kernel lets go of it when
 * the process ends, however it ends. Throws an Error with a clear word when another process has it.
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
