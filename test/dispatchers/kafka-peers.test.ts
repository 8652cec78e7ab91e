import type { Admin, Batch } from 'kafkajs';
import { KafkaPeers } from '../../dispatchers/kafka-peers';
import type { ConfirmEnd } from '../../dispatchers/loss-looks';
import { markOf } from '../../dispatchers/recent-records';
import { broadcastOf } from '../../schemas/broadcast';
import { LikestreamError } from '../../schemas/errors';
import { deferred } from '../fixtures/deferred';
import { FakeConsumer } from '../runtime/fake-consumer';
import { VirtualClock } from '../simulation/virtual-clock';

const ROUND_MS = 5_000;
/** Three looks take less time. */
const LOOKS_MS = 3_000;
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
function use(
  saved: readonly Saved[],
  ends: { low: number; high: number },
  confirmEnd?: ConfirmEnd,
) {
  const clock = new VirtualClock();
  const consumer = new FakeConsumer();
  consumer.isRunning = true;
  const now = { ...ends };
  const lines: string[] = [];
  const asked = { ends: 0, until: Promise.resolve() };
  const admin = {
    fetchOffsets: async () => {
      await asked.until;
      return [{ topic: TOPIC, partitions: saved }];
    },
    fetchTopicOffsets: async () => {
      asked.ends += 1;
      return [3, 5].map((partition) => {
        return { partition, low: String(now.low), high: String(now.high), offset: '' };
      });
    },
  };
  const peers = new KafkaPeers({
    ...{ clock, consumer: consumer.asConsumer, groupId: 'group', topics: [TOPIC] },
    admin: admin as unknown as Admin,
    dedupe: { retentionMs: RETENTION_MS },
    failed: (doing, error) => {
      throw new Error(doing, { cause: error });
    },
    warn: (line) => lines.push(line),
    confirmEnd,
  });
  const owner = { isPending: false, isCancelPending: () => owner.isPending };
  peers.start(owner);
  const load = (partition: number, isOwned = () => true) => peers.load(partition, isOwned);
  return { asked, clock, consumer, ends: now, lines, load, owner, peers };
}

describe('the position in a mirrored topic', () => {
  it('is committed a round after its records were consumed, then each fourth round', async () => {
    const { clock, consumer, load, peers } = use([], { low: 0, high: 20 });
    await load(3);
    await load(5);
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
    const { lines, load, peers } = use([saved], { low: 0, high: 20 });
    const { lookUpUntil, places } = await load(3);
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
    const { lines, load, peers } = use([saved], { low: 12, high: 20 });
    expect((await load(3)).places).toEqual([{ topic: TOPIC, partition: 3, offset: '12' }]);
    expect(lines).toEqual([]);
    peers.stop();
  });

  it('has the time until which all ids are looked up', async () => {
    const text = JSON.stringify({ from: 0, lookUpUntil: 99 });
    const { load, peers } = use([{ partition: 3, offset: '1', metadata: text }], {
      low: 0,
      high: 2,
    });
    expect(await load(3)).toMatchObject({ lookUpUntil: 99 });
    peers.stop();
  });
});

describe('a position of a mirrored topic', () => {
  const saved = { partition: 3, offset: '18', metadata: metadata(18, 7) };

  it('is not committed by a member that lost the partition while it loaded it', async () => {
    const { asked, clock, consumer, load, peers } = use([saved], { low: 0, high: 20 });
    const { promise, resolve } = deferred<void>();
    asked.until = promise;
    let isOwned = true;
    const loading = load(3, () => isOwned);
    isOwned = false;
    resolve();
    await loading;
    await clock.advance(2 * ROUND_MS);
    expect(consumer.committed).toEqual([]);
    peers.stop();
  });
});

describe('updates with likes that wait to be cancelled', () => {
  it('are before no committed position, and are once the likes are cancelled', async () => {
    const { clock, consumer, load, owner, peers } = use([], { low: 0, high: 20 });
    await load(3);
    await clock.advance(ROUND_MS);
    owner.isPending = true;
    peers.done(batchOf(3, [16, 17]));
    await clock.advance(4 * ROUND_MS);
    expect(consumer.committed.map(({ offset }) => offset)).toEqual(['0']);
    owner.isPending = false;
    await clock.advance(2 * ROUND_MS);
    expect(consumer.committed.map(({ offset }) => offset)).toEqual(['0', '18']);
    peers.stop();
  });
});

describe('a mirrored topic that was made anew', () => {
  const saved = { partition: 3, offset: '18', metadata: metadata(18, 7) };

  it('and ends before the position is read from its beginning, with one line', async () => {
    const { asked, clock, lines, load, peers } = use([saved], { low: 2, high: 5 }, async () => 5);
    const loading = load(3);
    await clock.advance(LOOKS_MS);
    expect((await loading).places).toEqual([{ topic: TOPIC, partition: 3, offset: '2' }]);
    expect(asked.ends).toBe(3);
    const batch = batchOf(3, [2, 3]);
    expect(peers.isSame(batch)).toBe(true);
    expect(peers.talesIn(batch).map(({ isAgain }) => isAgain)).toEqual([false, false]);
    expect(lines).toEqual([expect.stringContaining(`${TOPIC}, partition 3 ends at 5, before 18`)]);
    peers.stop();
  });

  it('and has grown beyond the position is found by its records', async () => {
    const { consumer, lines, load, peers } = use([saved], { low: 0, high: 40 });
    await load(3);
    expect(peers.isSame(batchOf(3, [16, 17, 18], () => 'other'))).toBe(false);
    expect(consumer.seeks).toEqual([{ topic: TOPIC, partition: 3, offset: '0' }]);
    expect(peers.isSame(batchOf(3, [0, 1, 17], () => 'other'))).toBe(true);
    expect(lines).toHaveLength(1);
    peers.stop();
  });

  it('while its owner reads it is found in the next round', async () => {
    const { clock, consumer, ends, lines, load, peers } = use([], { low: 0, high: 20 });
    await load(3);
    await load(5);
    peers.done(batchOf(3, [16, 17]));
    peers.done(batchOf(5, [8]));
    ends.high = 4;
    await clock.advance(ROUND_MS + LOOKS_MS);
    expect(consumer.seeks).toEqual([
      { topic: TOPIC, partition: 3, offset: '0' },
      { topic: TOPIC, partition: 5, offset: '0' },
    ]);
    expect(lines).toEqual([
      expect.stringContaining('partition 3 ends at 4, before 18'),
      expect.stringContaining('partition 5 ends at 4, before 9'),
    ]);
    await clock.advance(ROUND_MS + LOOKS_MS);
    expect(lines).toHaveLength(2);
    peers.stop();
  });
});

describe('a mirrored topic whose end one broker answers too low', () => {
  const saved = { partition: 3, offset: '18', metadata: metadata(18, 7) };

  it('for a moment is read from the position', async () => {
    const { clock, ends, lines, load, peers } = use([saved], { low: 0, high: 5 });
    const loading = load(3);
    ends.high = 5;
    await clock.advance(500);
    ends.high = 20;
    await clock.advance(LOOKS_MS);
    expect((await loading).places).toEqual([{ topic: TOPIC, partition: 3, offset: '7' }]);
    expect(lines).toEqual([]);
    peers.stop();
  });

  it('in every look is read from the position if enough brokers confirm a later end', async () => {
    const { clock, lines, load, peers } = use([saved], { low: 0, high: 5 }, async () => 20);
    const loading = load(3);
    await clock.advance(LOOKS_MS);
    expect((await loading).places).toEqual([{ topic: TOPIC, partition: 3, offset: '7' }]);
    expect(lines).toEqual([]);
    peers.stop();
  });

  it('is not read at all while no end can be confirmed', async () => {
    const unconfirmed = () => Promise.reject(new LikestreamError('log_unavailable'));
    const { clock, lines, load, peers } = use([saved], { low: 0, high: 5 }, unconfirmed);
    const rejected = expect(load(3)).rejects.toMatchObject({ code: 'log_unavailable' });
    await clock.advance(LOOKS_MS);
    await rejected;
    expect(lines).toEqual([]);
    peers.stop();
  });

  it('while its owner reads is read on if enough brokers confirm a later end', async () => {
    const { clock, consumer, ends, lines, load, peers } = use(
      [],
      { low: 0, high: 20 },
      async () => 20,
    );
    await load(3);
    peers.done(batchOf(3, [16, 17]));
    ends.high = 4;
    await clock.advance(3 * (ROUND_MS + LOOKS_MS));
    expect([consumer.seeks, lines]).toEqual([[], []]);
    expect(consumer.committed.at(-1)).toMatchObject({ offset: '18' });
    peers.stop();
  });
});
