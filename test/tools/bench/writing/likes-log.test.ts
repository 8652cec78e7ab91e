import { DedupeWindow } from '../../../../schemas/dedupe-window';
import { uuidv7Time } from '../../../../schemas/ids';
import { likes } from '../../../../schemas/likes';
import { PARTITIONS, partitionOf } from '../../../../schemas/partitions';
import { type EntriesRecord, parseRecord } from '../../../../schemas/record';
import { LikesLog, likeId } from '../../../../tools/bench/writing/likes-log';

const NOW = 1_700_000_000_000;
const OPTIONS = {
  ...{ likesPerSecond: 1_000, videos: 10, producers: 2, likesARecord: 1, unconfirmed: 3 },
};

function entriesOf(value: string): EntriesRecord {
  const record = parseRecord(likes, value);
  if (!('entries' in record)) throw new Error('no entries');
  return record;
}

test('a log has the likes of its rate, each with an id of its own', () => {
  const log = new LikesLog(OPTIONS);
  const all = [...log.next(1_500, NOW).values(), ...log.next(500, NOW + 500).values()].flat();
  expect(log.likes).toBe(2_000);
  const ids = all.flatMap(({ value }) => entriesOf(value).entries.map(({ id }) => id));
  expect(new Set(ids).size).toBe(2_000);
});

test('likes of a record share it, and a part of a record waits for the next time', () => {
  const log = new LikesLog({ ...OPTIONS, likesARecord: 50 });
  const records = [...log.next(120, NOW).values()].flat();
  expect(records.map(({ value }) => entriesOf(value).entries.length)).toEqual([50, 50]);
  expect(log.next(20, NOW).size).toBe(0);
  expect([...log.next(10, NOW).values()].flat()).toHaveLength(1);
});

test('ids are young, so an owner looks none of them up', () => {
  const log = new LikesLog(OPTIONS);
  const dedupe = new DedupeWindow(120_000);
  for (const { appendedAt, value } of [...log.next(1_000, NOW).values()].flat()) {
    for (const { at, id } of entriesOf(value).entries) {
      expect(dedupe.isFresh(uuidv7Time(id), { at, appendedAt }, NOW)).toBe(true);
    }
  }
});

test('records are in the partition of their channel, with rising offsets and no gap', () => {
  const log = new LikesLog(OPTIONS);
  const ends = new Array<number>(PARTITIONS).fill(0);
  for (const at of [0, 1]) {
    for (const [partition, records] of log.next(200, NOW + at)) {
      for (const { key, offset } of records) {
        expect(partitionOf(key)).toBe(partition);
        expect(offset).toBe(ends[partition]);
        ends[partition] = offset + 1;
      }
    }
  }
  expect(ends.reduce((sum, end) => sum + end, 0)).toBe(400);
});

test('each record confirms that the earlier ones of its producer are stored', () => {
  const records = [...new LikesLog(OPTIONS).next(100, NOW).values()].flat();
  const all = records.map(({ value }) => entriesOf(value));
  for (const { seq, stored } of all) expect(stored).toBe(Math.max(0, seq - 3));
  const names = new Set(all.map(({ producer, seq }) => `${producer} ${seq}`));
  expect(names.size).toBe(100);
});

test.each([0, 1, 4_294_967_296])('the id of number %d is a UUIDv7 of its time', (number) => {
  expect(uuidv7Time(likeId(number, NOW))).toBe(NOW);
});
