import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import '../../../fixtures/same-runs';
import { FileLog } from '../../../../adapters/embedded/file-log/file-log';
import { DiskFolder } from '../../../../adapters/embedded/file-log/log-folder';
import { GROUP_HEAD_BYTES } from '../../../../adapters/embedded/file-log/record-bytes';
import { entry, openMemory, SMALL_BYTES, TOPIC, valuesOf } from './log-parts';

describe('FileLog', () => {
  it('reads what was appended, across files and after it is opened again', async () => {
    const { disk, open, time } = openMemory();
    const log = open();
    const values = Array.from({ length: 40 }, (_, at) => `value-${at}`);
    for (const value of values) await time.finish(log.append(TOPIC, [entry(value)]));
    expect(disk.files.size).toBeGreaterThan(2);
    expect(valuesOf(log)).toEqual(values);
    expect(valuesOf(open())).toEqual(values);
    expect(valuesOf(open(), 0, 35)).toEqual(values.slice(35));
  });

  it('leaves files of others in its folder alone', async () => {
    const { disk, open, time } = openMemory();
    for (const name of ['.DS_Store', 'lost+found', '000000000000~']) {
      disk.files.set(name, { bytes: Buffer.from('odd'), pending: undefined });
    }
    const log = open();
    await time.finish(log.append(TOPIC, [entry('value')]));
    expect(valuesOf(open())).toEqual(['value']);
    expect(disk.files.get('.DS_Store')?.bytes.toString()).toBe('odd');
  });

  it('writes the appends that wait in one group', async () => {
    const { disk, open, time } = openMemory();
    const log = open();
    const all = Array.from({ length: 50 }, (_, at) => log.append(TOPIC, [entry(`${at}`)]));
    await time.finish(Promise.all(all));
    expect(disk.files.size).toBe(1);
    expect(valuesOf(log)).toHaveLength(50);
  });

  it('hands on what is parsed while it is in memory, and nothing of it from the file', async () => {
    const { open, time } = openMemory();
    const log = open();
    const parsed = { cancels: 'a', undoKey: 'like', at: 1 };
    await time.finish(log.append(TOPIC, [{ ...entry('a'), parsed }]));
    expect(log.read(TOPIC, 0, 0, 1)[0]?.parsed).toBe(parsed);
    expect(open().read(TOPIC, 0, 0, 1)[0]?.parsed).toBeUndefined();
  });

  it('takes less than a quarter of the bytes of what it has', async () => {
    const { disk, open, time } = openMemory();
    const log = open();
    const value = '{"id":"018bcfe5-6800-7abc-8def-0123456789ab","memberId":"ann"}';
    const values = Array.from({ length: 100 }, () => entry(value));
    await time.finish(log.append(TOPIC, values));
    const [file] = disk.files.values();
    expect(file?.bytes.length).toBeLessThan((values.length * value.length) / 4);
    expect(valuesOf(log)).toEqual(values.map((each) => each.value));
  });
});

describe('FileLog on a disk that fails', () => {
  it('rejects the appends of a failed group, and goes on after its last synced byte', async () => {
    const { disk, open, time } = openMemory();
    const log = open();
    await time.finish(log.append(TOPIC, [entry('a')]));
    disk.isFull = true;
    const refused = time.finish(log.append(TOPIC, [entry('b'), entry('c')]));
    await expect(refused).rejects.toMatchObject({ code: 'log_unavailable' });
    disk.isFull = false;
    await time.finish(log.append(TOPIC, [entry('d')]));
    expect(valuesOf(log)).toEqual(['a', 'd']);
    expect(valuesOf(open())).toEqual(['a', 'd']);
  });

  it('keeps no file open that it could not begin', async () => {
    const { disk, open, time } = openMemory();
    const log = open();
    const text = Array.from({ length: SMALL_BYTES }, (_, at) => at.toString(36)).join('');
    await time.finish(log.append(TOPIC, [entry(text)]));
    expect(disk.files.get('000000000000')?.bytes.length).toBeGreaterThan(SMALL_BYTES);
    disk.isFull = true;
    for (let times = 0; times < 3; times++) {
      await expect(time.finish(log.append(TOPIC, [entry('b')]))).rejects.toThrow();
    }
    expect(disk.opened).toBe(1);
    disk.isFull = false;
    await time.finish(log.append(TOPIC, [entry('c')]));
    expect(disk.opened).toBe(2);
    expect(valuesOf(open())).toEqual([text, 'c']);
  });

  it('refuses appends while too many bytes wait', async () => {
    const { open, time } = openMemory();
    const log = open();
    const large = 'x'.repeat(1_000_000);
    const results = Array.from({ length: 20 }, () => log.append(TOPIC, [entry(large)]));
    const settled = await time.finish(Promise.allSettled(results));
    const refused = settled.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ reason: { code: 'log_refused' } });
    expect(valuesOf(log)).toHaveLength(20 - refused.length);
  });

  it('removes files that no partition needs, and assigns no offset twice', async () => {
    const { disk, open, time } = openMemory();
    const log = open();
    for (let at = 0; at < 30; at++) {
      await time.finish(log.append(TOPIC, [entry(`${at}`, at % 2)]));
    }
    await log.trim(TOPIC, 0, 15);
    expect(valuesOf(log, 1)).toHaveLength(15);
    await log.trim(TOPIC, 1, 15);
    expect(disk.files.size).toBe(1);
    const again = open();
    const [offset] = await time.finish(again.append(TOPIC, [entry('next')]));
    expect(offset).toBe(15);
  });

  it('refuses to open a log whose file is damaged before its last group', async () => {
    const { disk, open, time } = openMemory();
    const log = open();
    await time.finish(log.append(TOPIC, [entry('first')]));
    await time.finish(log.append(TOPIC, [entry('second')]));
    const [file] = disk.files.values();
    const at = GROUP_HEAD_BYTES + 1;
    file?.bytes.writeUInt8(file.bytes.readUInt8(at) ^ 1, at);
    expect(open).toThrow(expect.objectContaining({ code: 'log_mismatch' }));
  });
});

const step = fc.oneof(
  fc.record({ append: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }) }),
  fc.record({ passMs: fc.nat(3) }),
  fc.record({ crash: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 }) }),
  fc.record({ isFull: fc.boolean() }),
  fc.record({ trim: fc.nat(3) }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What was appended to a log, by partition and value, and what was acknowledged, with offsets. */
class History {
  readonly asked = new Set<string>();
  readonly acknowledged = new Map<string, string>();
  /** By partition, the offset after the last acknowledged one. */
  private readonly ends = new Map<number, number>();
  private readonly trimmed = new Map<number, number>();

  /** Trims what a partition has acknowledged. */
  trim(log: FileLog, partition: number): void {
    const end = this.ends.get(partition) ?? 0;
    this.trimmed.set(partition, end);
    log.trim(TOPIC, partition, end).catch(() => undefined);
  }

  append(log: FileLog, values: readonly { partition: number; value: string }[]): void {
    for (const { partition, value } of values) this.asked.add(`${partition} ${value}`);
    const entries = values.map(({ partition, value }) => entry(value, partition));
    const note = (offsets: readonly number[]) => {
      for (const [at, { partition, value }] of values.entries()) {
        const offset = offsets[at] ?? -1;
        expect(offset).toBeGreaterThanOrEqual(this.ends.get(partition) ?? 0);
        this.ends.set(partition, offset + 1);
        this.acknowledged.set(`${partition} ${offset}`, value);
      }
    };
    log.append(TOPIC, entries).then(note, () => undefined);
  }

  expectIn(log: FileLog): void {
    const records = [0, 1, 2, 3].flatMap((partition) => log.read(TOPIC, partition, 0, 1_000));
    const byName = new Map(
      records.map(({ offset, partition, value }) => [`${partition} ${offset}`, value]),
    );
    expect(byName.size).toBe(records.length);
    for (const [name, value] of this.acknowledged) {
      const [partition, offset] = name.split(' ').map(Number);
      const isTrimmed = (offset ?? 0) < (this.trimmed.get(partition ?? 0) ?? 0);
      if (!isTrimmed || byName.has(name)) expect(byName.get(name)).toBe(value);
    }
    for (const [partition, end] of this.ends) {
      expect(log.end(TOPIC, partition)).toBeGreaterThanOrEqual(end);
    }
    for (const { partition, value } of records) {
      expect(this.asked).toContain(`${partition} ${value}`);
    }
  }
}

it('has each acknowledged record once after any crashes and full disks', async () => {
  const run = async (steps: readonly Step[]) => {
    const { disk, open, time } = openMemory();
    const history = new History();
    let log = open();
    for (const [at, each] of steps.entries()) {
      if ('append' in each) {
        const values = each.append.map((partition, n) => ({ partition, value: `${at}.${n}` }));
        history.append(log, values);
      } else if ('passMs' in each) await time.pass(each.passMs);
      else if ('isFull' in each) disk.isFull = each.isFull;
      else if ('trim' in each) history.trim(log, each.trim);
      else {
        let draws = 0;
        disk.crash(() => each.crash[draws++ % each.crash.length] ?? 0);
        log = open();
      }
    }
    disk.isFull = false;
    await time.pass(50);
    history.expectIn(log);
    history.expectIn(open());
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), run), { numRuns: 300 });
});

it('keeps records on a real disk', async () => {
  const path = mkdtempSync(join(tmpdir(), 'likestream-log-'));
  try {
    const log = new FileLog(new DiskFolder(path), { now: () => 7 });
    await Promise.all([log.append(TOPIC, [entry('a')]), log.append(TOPIC, [entry('b', 1)])]);
    await log.close();
    const again = new FileLog(new DiskFolder(path), { now: () => 8 });
    expect(again.read(TOPIC, 0, 0, 10)).toEqual([
      { topic: TOPIC, partition: 0, offset: 0, appendedAt: 7, key: 'video:1', value: 'a' },
    ]);
    expect(again.end(TOPIC, 1)).toBe(1);
    await again.close();
  } finally {
    rmSync(path, { recursive: true });
  }
});
