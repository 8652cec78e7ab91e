import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const FOLDER = join(__dirname, '..', '..', 'dist', 'client');

describe('the bundles', () => {
  it.each([
    // The goal is 4,096.
    ['client.js', 5_114],
    ['conversation.js', 3_072],
    ['hearts.js', 3_072],
    ['react.js', 1_024],
  ])('%s has at most %i bytes, gzipped', (name, bytes) => {
    const path = join(FOLDER, name);
    expect(existsSync(path)).toBe(true);
    expect(gzipSync(readFileSync(path), { level: 9 }).length).toBeLessThanOrEqual(bytes);
  });
});
