import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { post, range, totalOf } from './api';
import { endServers, newFolder, Server } from './server';

/** A start of a process on a busy machine takes long. */
const TEST_MS = 120_000;
const OF_OTHERS = 0o077;

afterAll(endServers);

/** A folder of data with some likes of the video `x`. */
async function folderWithLikes(): Promise<string> {
  const server = await Server.start({ dataDir: join(newFolder(), 'data') });
  for (const at of range(20)) await post(server.url, 'x', { likeId: `l-${at}` });
  await server.stop();
  return server.dataDir;
}

/** All files and folders below a folder, and the folder. */
function allIn(folder: string): string[] {
  const below = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return [folder, ...below.map((name) => join(folder, name))];
}

it(
  'ends the start with one line that names a damaged file',
  async () => {
    const dataDir = await folderWithLikes();
    const file = join(dataDir, 'db', 'data.mdb');
    writeFileSync(file, randomBytes(statSync(file).size));
    const { code, signal, stderr } = await Server.startInVain({ dataDir });
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(`likestream: ${file} is damaged: `);
  },
  TEST_MS,
);

describe('the folder of data', () => {
  it(
    'is for its own user alone, with all that is in it',
    async () => {
      const dataDir = await folderWithLikes();
      const open = allIn(dataDir).filter((path) => (statSync(path).mode & OF_OTHERS) !== 0);
      expect(open).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'that others may read is named in the welcome',
    async () => {
      const dataDir = newFolder();
      chmodSync(dataDir, 0o755);
      const server = await Server.start({ dataDir });
      const { stdout } = await server.stop();
      expect(stdout).toContain(`other users may read ${dataDir}`);
    },
    TEST_MS,
  );

  it(
    'may have odd files in it',
    async () => {
      const dataDir = await folderWithLikes();
      for (const folder of [dataDir, join(dataDir, 'db'), join(dataDir, 'log')]) {
        for (const name of ['.DS_Store', 'Thumbs.db', 'note.txt~']) {
          writeFileSync(join(folder, name), 'odd');
        }
        mkdirSync(join(folder, 'lost+found'));
      }
      const server = await Server.start({ dataDir });
      expect(await totalOf(server.url, 'x')).toBe(20);
      expect((await server.stop()).stderr).toBe('');
    },
    TEST_MS,
  );
});
