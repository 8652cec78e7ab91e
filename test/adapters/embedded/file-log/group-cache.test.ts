import { GroupCache, MAX_CACHED_BYTES } from '../../../../adapters/embedded/file-log/group-cache';
import type { GroupRecords } from '../../../../adapters/embedded/file-log/record-bytes';

const GROUPS = 16;
const VALUE = 'x'.repeat(MAX_CACHED_BYTES / GROUPS);

function groupAt(position: number): GroupRecords {
  const record = { topic: 'likes', partition: 0, offset: position, appendedAt: 1, key: 'video:1' };
  return new Map([['likes/0', [{ ...record, value: VALUE }]]]);
}

function openFile() {
  const read = jest.fn(groupAt);
  return { file: { name: '000000000000', read }, cache: new GroupCache(), read };
}

describe('GroupCache', () => {
  it('reads the newest groups from memory, and the file for those that it has evicted', () => {
    const { cache, file, read } = openFile();
    for (let at = 0; at < 10 * GROUPS; at++) cache.add(file, at, groupAt(at));
    for (let at = 10 * GROUPS - 1; at > 9 * GROUPS; at--) cache.read(file, at);
    expect(read).not.toHaveBeenCalled();
    expect(cache.read(file, 8 * GROUPS)).toEqual(groupAt(8 * GROUPS));
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('keeps a group that was read from the file', () => {
    const { cache, file, read } = openFile();
    expect(cache.read(file, 7)).toBe(cache.read(file, 7));
    expect(read).toHaveBeenCalledTimes(1);
  });
});
