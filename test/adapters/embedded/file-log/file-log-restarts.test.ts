import { GROUP_HEAD_BYTES } from '../../../../adapters/embedded/file-log/record-bytes';
import { entry, openMemory, TOPIC, valuesOf } from './log-parts';

/** Several files. */
const MANY = 30;

describe('a log that is opened again', () => {
  it('begins a file again that has no ends of partitions yet', async () => {
    const { disk, open, time } = openMemory();
    const log = open();
    for (let at = 0; at < MANY; at++) {
      await time.finish(log.append(TOPIC, [entry(`${at}`, at === 0 ? 1 : 0)]));
    }
    await log.close();
    // As if the process was killed when it had just made the next file.
    disk.files.set('000000000099', { bytes: Buffer.alloc(0), pending: undefined });
    const again = open();
    expect(disk.files.has('000000000099')).toBe(false);
    for (let at = 0; at < MANY; at++) await time.finish(again.append(TOPIC, [entry('more')]));
    await again.trim(TOPIC, 1, 1);
    await again.trim(TOPIC, 0, 59);
    expect(disk.files.size).toBe(1);
    expect(open().end(TOPIC, 1)).toBe(1);
  });

  it('opens a log whose last group has lost its first bytes, and no earlier group', async () => {
    const { disk, open, time } = openMemory();
    const log = open();
    await time.finish(log.append(TOPIC, [entry('first')]));
    const [file] = disk.files.values();
    const size = file?.bytes.length ?? 0;
    await time.finish(log.append(TOPIC, [entry('second')]));
    file?.bytes.fill(0, size, size + GROUP_HEAD_BYTES + 2);
    expect(valuesOf(open())).toEqual(['first']);
  });

  it('ends at its last record, although a later append failed', async () => {
    const { disk, open, time } = openMemory();
    const log = open();
    await time.finish(log.append(TOPIC, [entry('a', 1)]));
    disk.isFull = true;
    await expect(time.finish(log.append(TOPIC, [entry('b', 1)]))).rejects.toThrow();
    disk.isFull = false;
    for (let at = 0; at < MANY; at++) await time.finish(log.append(TOPIC, [entry(`${at}`)]));
    expect(open().end(TOPIC, 1)).toBe(1);
  });

  it('keeps a file open that it cannot remove', async () => {
    const { disk, time, open } = openMemory();
    const log = open();
    for (let at = 0; at < MANY; at++) await time.finish(log.append(TOPIC, [entry(`${at}`)]));
    const before = disk.opened;
    disk.keepsFiles = true;
    await expect(log.trim(TOPIC, 0, 30)).rejects.toThrow();
    expect(disk.opened).toBe(before);
    disk.keepsFiles = false;
    await log.trim(TOPIC, 0, 30);
    expect(disk.files.size).toBe(1);
  });
});

describe('a log with a damaged group', () => {
  it.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, -3)],
    ['followed by zeros', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(64)])],
  ])('is refused although its end is %s', async (_, tear) => {
    const { disk, open, time } = openMemory();
    const log = open();
    await time.finish(log.append(TOPIC, [entry('first')]));
    const [file] = disk.files.values();
    const at = (file?.bytes.length ?? 0) + GROUP_HEAD_BYTES + 1;
    for (const value of ['second', 'third', 'fourth']) {
      await time.finish(log.append(TOPIC, [entry(value)]));
    }
    if (!file) throw new Error('there is no file');
    file.bytes.writeUInt8(file.bytes.readUInt8(at) ^ 1, at);
    file.bytes = tear(file.bytes);
    expect(open).toThrow(expect.objectContaining({ code: 'log_mismatch' }));
  });

  it('is refused if that is in an earlier file', async () => {
    const { disk, open, time } = openMemory();
    const log = open();
    for (let at = 0; at < MANY; at++) await time.finish(log.append(TOPIC, [entry(`${at}`)]));
    const [file] = disk.files.values();
    const last = (file?.bytes.length ?? 0) - 1;
    file?.bytes.writeUInt8(file.bytes.readUInt8(last) ^ 1, last);
    expect(open).toThrow(expect.objectContaining({ code: 'log_mismatch' }));
  });
});
