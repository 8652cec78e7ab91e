import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireSoundFile } from '../../../adapters/embedded/data-file';
import { LmdbDatabase } from '../../../adapters/embedded/lmdb-database';
import { systemClock } from '../../../runtime/clock';

const PAGE_BYTES = 4_096;
const KEYS = 300;

describe('requireSoundFile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'likestream-file-'));
  const file = join(folder, 'data.mdb');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Writes a database of many pages, and ends it. */
  async function written(): Promise<number> {
    rmSync(folder, { recursive: true, force: true });
    const database = new LmdbDatabase(folder, systemClock);
    for (let key = 0; key < KEYS; key++) {
      await database.write([{ key: `key-${key}`, value: 'x'.repeat(1_000) }]);
    }
    await database.close();
    return statSync(file).size;
  }

  it('accepts a database, and a folder without one', async () => {
    expect(await written()).toBeGreaterThan(50 * PAGE_BYTES);
    expect(() => requireSoundFile(folder)).not.toThrow();
    const again = new LmdbDatabase(folder, systemClock);
    expect(again.get('key-7')).toHaveLength(1_000);
    await again.close();
    expect(() => requireSoundFile(join(folder, 'none'))).not.toThrow();
  });

  it.each<[string, (size: number) => void]>([
    ['within its first page', () => truncateSync(file, 100)],
    ['within its second page', () => truncateSync(file, PAGE_BYTES + 904)],
    ['after its head', () => truncateSync(file, 2 * PAGE_BYTES)],
    ['and filled with other bytes', (size) => writeFileSync(file, randomBytes(size))],
    ['and filled with zeros', (size) => writeFileSync(file, Buffer.alloc(size))],
  ])('names a file that was cut %s', async (_, damage) => {
    damage(await written());
    expect(() => requireSoundFile(folder)).toThrow(`${file} is damaged: `);
  });

  it('makes a read of lost pages an error instead of a signal', async () => {
    const size = await written();
    const outcomes = new Set<string>();
    for (let left = 3; left < size / PAGE_BYTES; left += 7) {
      await written();
      truncateSync(file, left * PAGE_BYTES);
      try {
        const database = new LmdbDatabase(folder, systemClock);
        for (const _ of database.range({ from: 'key-', to: 'key.' }));
        outcomes.add('read');
        await database.close();
      } catch (error) {
        outcomes.add(error instanceof Error ? 'error' : 'thrown');
      }
    }
    expect(outcomes).toContain('error');
    expect(outcomes).not.toContain('thrown');
  });
});
