import { createHash, createHmac } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entropy } from '../entropy';

const FILE = 'anonymous.key';
const KEY = /^[0-9a-f]{64}\n$/;
const PURPOSE = 'likestream anonymous members';

/** Keys that all processes of an installation derive from the secrets that they share. */
export function derivedKeys(secrets: readonly string[]): readonly Buffer[] {
  return secrets.map((secret) => createHmac('sha256', secret).update(PURPOSE).digest());
}

/** The key that the embedded mode keeps in its folder; the first process makes it. */
export function storedKeys(folder: string, entropy: Entropy): readonly Buffer[] {
  const path = join(folder, FILE);
  return [
    createHash('sha256')
      .update(read(path) ?? make(path, entropy))
      .digest(),
  ];
}

/** The kept key; a file that a power cut left without one is removed: its key could be guessed. */
function read(path: string): string | undefined {
  try {
    const kept = readFileSync(path, 'utf8');
    if (KEY.test(kept)) return kept;
    rmSync(path, { force: true });
    return undefined;
  } catch (error) {
    if (Object(error).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes the key; if another process is faster, returns the key of that one. */
function make(path: string, entropy: Entropy): string {
  const made = `${entropy.secretId()}${entropy.secretId()}\n`;
  const own = `${path}.${entropy.secretId()}`;
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(own, made, { mode: 0o600, flag: 'wx' });
  try {
    // Unlike a rename, a link never replaces the key of another process.
    linkSync(own, path);
  } catch (error) {
    if (Object(error).code !== 'EEXIST') throw error;
  } finally {
    rmSync(own);
  }
  return readFileSync(path, 'utf8');
}
