import type { Admin, Batch } from 'kafkajs';
import { KafkaPeers } from '../../dispatchers/kafka-peers';
import { markOf } from '../../dispatchers/recent-records';
import { broadcastOf } from '../../schemas/broadcast';
import { FakeConsumer } from '../runtime/fake-consumer';
import { VirtualClock } from '../simulation/virtual-clock';

const ROUND_MS = 5_000;
const RETENTION_MS = 60_000;
const TOPIC = 'dc2.updates';
const CHANNEL = 'video:a';
const APPENDED_AT = 1_700_000_000_000;

/** The value of the update at an offset. */
function updateAt(offset: number): string {
  const vector = { 'dc2.1': { version: offset, counts: {} } };
  return broadcastOf({ channel: CHANNEL, vector, t: 1 }, 'dc2.1', []) ?? '';
}

function batchOf(partition: number, offsets: readonly number[], value = updateAt): Batch {
  const messages = offsets.map((offset) => ({
    ...{ key: Buffer.from(CHANNEL), value: Buffer.from(value(offset)) },
    ...{ offset: String(offset), timestamp: String(APPENDED_AT) },
  }));
  return { topic: TOPIC, partition, messages } as unknown as Batch;
}

/** What is committed with an offset; the mark is of the record before it. */
function metadata(done: number, from: number): string {
  const record = { key: CHANNEL, value: updateAt(done - 1), appendedAt: APPENDED_AT };
  return JSON.stringify({
    from,
    logTime: APPENDED_AT,
    mark: markOf({ offset: done - 1, ...record }),
  });
}

interface Saved {
  readonly partition: number;
  readonly offset: string;
  readonly metadata: string | null;
}

/** The mirrored topics of a group with these positions and ends. */
function use(saved: readonly Saved[], ends: { low: number; high: number }) {
  const clock = new VirtualClock();
  const consumer = new FakeConsumer();
  consumer.isRunning = true;
  const now = { ...ends };
  const lines: string[] = [];
  const admin = {
    fetchOffsets: async () => [{ topic: TOPIC, partitions: saved }],
    fetchTopicOffsets: async () =>
      [3, 5].map((partition) => {
        return { partition, low: String(now.low), high: String(now.high), offset: '' };
      }),
  };
  const peers = new KafkaPeers({
    ...{ clock, consumer: consumer.asConsumer, groupId: 'group', topics: [TOPIC] },
    admin: admin as unknown as Admin,
    dedupe: { retentionMs: RETENTION_MS },
    failed: (doing, error) => {
      throw new Error(doing, { cause: error });
    },
    warn: (line) => lines.push(line),
  });
  peers.start();
  return { clock, consumer, ends: now, lines, peers };
}

describe('the position in a mirrored topic', () => {
  it('is committed a round after its records were consumed, then each fourth round', async () => {
    const { clock, consumer, peers } = use([], { low: 0, high: 20 });
    await peers.load(3);
    await peers.load(5);
    for (const [partition, last] of [
      [3, 16],
      [3, 17],
      [5, 0],
    ] as const) {
      peers.done(batchOf(partition, [last]));
    }
    await clock.advance(ROUND_MS);
    expect(consumer.committed.map(({ offset }) => offset)).toEqual(['0', '0']);
    consumer.committed.length = 0;
    await clock.advance(ROUND_MS);
    expect(consumer.committed).toEqual([
      { topic: TOPIC, partition: 3, offset: '18', metadata: metadata(18, 0) },
      { topic: TOPIC, partition: 5, offset: '1', metadata: metadata(1, 0) },
    ]);
    consumer.committed.length = 0;
    await clock.advance(ROUND_MS);
    expect(consumer.committed).toEqual([]);
    await clock.advance(ROUND_MS);
    expect(consumer.committed.map(({ offset }) => offset)).toEqual(['18', '1']);
    peers.stop();
  });

  it('is where a new owner begins; it has read all before `done` again', async () => {
    const saved = { partition: 3, offset: '18', metadata: metadata(18, 7) };
    const { lines, peers } = use([saved], { low: 0, high: 20 });
    const { lookUpUntil, places } = await peers.load(3);
    expect(places).toEqual([{ topic: TOPIC, partition: 3, offset: '7' }]);
    expect(lookUpUntil).toBeUndefined();
    const batch = batchOf(3, [16, 17, 18]);
    expect(peers.isSame(batch)).toBe(true);
    expect(peers.talesIn(batch).map(({ isAgain }) => isAgain)).toEqual([true, true, false]);
    expect(lines).toEqual([]);
    peers.stop();
  });

  it('before the beginning of the topic means the beginning', async () => {
    const saved = { partition: 3, offset: '18', metadata: metadata(18, 7) };
    const { lines, peers } = use([saved], { low: 12, high: 20 });
    expect((await peers.load(3)).places).toEqual([{ topic: TOPIC, partition: 3, offset: '12' }]);
    expect(lines).toEqual([]);
    peers.stop();
  });

  it('has the time until which all ids are looked up', async () => {
    const text = JSON.stringify({ from: 0, lookUpUntil: 99 });
    const { peers } = use([{ partition: 3, offset: '1', metadata: text }], { low: 0, high: 2 });
    expect(await peers.load(3)).toMatchObject({ lookUpUntil: 99 });
    peers.stop();
  });
});

describe('a mirrored topic that was made anew', () => {
  const saved = { partition: 3, offset: '18', metadata: metadata(18, 7) };

  it('and ends before the position is read from its beginning, with one line', async () => {
    const { lines, peers } = use([saved], { low: 2, high: 5 });
    expect((await peers.load(3)).places).toEqual([{ topic: TOPIC, partition: 3, offset: '2' }]);
    const batch = batchOf(3, [2, 3]);
    expect(peers.isSame(batch)).toBe(true);
    expect(peers.talesIn(batch).map(({ isAgain }) => isAgain)).toEqual([false, false]);
    expect(lines).toEqual([expect.stringContaining(`${TOPIC}, partition 3 ends at 5, before 18`)]);
    peers.stop();
  });

  it('and has grown beyond the position is found by its records', async () => {
    const { consumer, lines, peers } = use([saved], { low: 0, high: 40 });
    await peers.load(3);
    expect(peers.isSame(batchOf(3, [16, 17, 18], () => 'other'))).toBe(false);
    expect(consumer.seeks).toEqual([{ topic: TOPIC, partition: 3, offset: '0' }]);
    expect(peers.isSame(batchOf(3, [0, 1, 17], () => 'other'))).toBe(true);
    expect(lines).toHaveLength(1);
    peers.stop();
  });

  it('while its owner reads it is found in the next round', async () => {
    const { clock, consumer, ends, lines, peers } = use([], { low: 0, high: 20 });
    await peers.load(3);
    peers.done(batchOf(3, [16, 17]));
    ends.high = 4;
    await clock.advance(ROUND_MS);
    expect(consumer.seeks).toEqual([{ topic: TOPIC, partition: 3, offset: '0' }]);
    expect(lines).toEqual([expect.stringContaining('ends at 4, before 18')]);
    await clock.advance(ROUND_MS);
    expect(lines).toHaveLength(1);
    peers.stop();
  });
});
