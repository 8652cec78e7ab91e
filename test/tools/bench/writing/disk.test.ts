import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskBytes } from '../../../../tools/bench/writing/disk';

const BYTES = 1_000_000;
const folder = mkdtempSync(join(tmpdir(), 'likestream-disk-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a folder takes the blocks of its files, also in folders below', () => {
  const before = diskBytes(folder);
  mkdirSync(join(folder, 'below'));
  writeFileSync(join(folder, 'below', 'file'), Buffer.alloc(BYTES, 1), { flush: true });
  expect(diskBytes(folder) - before).toBeGreaterThanOrEqual(BYTES);
  expect(diskBytes(folder) - before).toBeLessThan(BYTES * 1.1);
});

test('a hole in a file takes no blocks', () => {
  const before = diskBytes(folder);
  const file = join(folder, 'hole');
  writeFileSync(file, '');
  truncateSync(file, 100 * BYTES);
  expect(diskBytes(folder) - before).toBeLessThan(BYTES);
});
