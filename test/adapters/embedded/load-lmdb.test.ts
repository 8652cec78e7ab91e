import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..', '..');
const LOADER = join('dist', 'adapters', 'embedded', 'load-lmdb.js');
const PACKAGES = [
  ...['lmdb', '@lmdb', '@harperfast', 'msgpackr', 'msgpackr-extract', '@msgpackr-extract'],
  ...['node-gyp-build-optional-packages', 'ordered-binary', 'weak-lru-cache', 'detect-libc'],
];
const USE = `
  const { open } = require(process.argv[1]).loadLmdb();
  const database = open({ path: process.argv[2] });
  database.put('key', 'value').then(() => process.stdout.write(database.get('key')));
`;

describe('loadLmdb', () => {
  const folder = mkdtempSync(join(tmpdir(), 'likestream-lmdb-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['a b', 'c#d', 'e?f', 'g%h', 'i%20j'])('works in a folder named %s', (name) => {
    const checkout = join(folder, name);
    for (const each of PACKAGES) {
      const from = join(ROOT, 'node_modules', each);
      if (existsSync(from)) cpSync(from, join(checkout, 'node_modules', each), { recursive: true });
    }
    mkdirSync(join(checkout, 'dist', 'adapters', 'embedded'), { recursive: true });
    cpSync(join(ROOT, LOADER), join(checkout, LOADER));
    const args = ['-e', USE, join(checkout, LOADER), join(checkout, 'data')];
    const { stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect({ stderr, stdout }).toEqual({ stderr: '', stdout: 'value' });
  });
});
