import { LikestreamError } from '../../../../schemas/errors';
import { type FakeAdmin, markAt, recordAt, TOPIC, use } from '../fake-group';

describe('a position in a log', () => {
  it('after its end is rejected after three checks', async () => {
    const { admin, fatals, owner } = await use((kafka) => {
      kafka.commit(20, { from: 10 });
      kafka.logHas(0, 15);
    });
    expect(admin.asked).toBe(3);
    expect(fatals).toHaveLength(1);
    expect(fatals[0]).toMatchObject({ code: 'log_mismatch', retriable: false });
    expect(fatals[0]?.message).toContain('topic likes, partition 0 has lost records 15 to 19');
    expect(owner.positions.size).toBe(0);
  });

  it('after its end is rejected if the lost records were counted only', async () => {
    const { fatals } = await use((kafka) => {
      kafka.commit(0, { from: 0, counted: 20 });
      kafka.logHas(0, 15);
    });
    expect(fatals[0]?.message).toContain('topic likes, partition 0 has lost records 15 to 19');
  });

  it('after its end is accepted if a later check shows a later end', async () => {
    const { clock, consumer, fatals, owner, admin } = await use();
    admin.commit(20, { from: 10 });
    admin.logHas(0, 15);
    consumer.crash(false);
    await clock.advance(500);
    consumer.join(TOPIC, [0]);
    await clock.advance(500);
    admin.logHas(0, 20);
    await clock.advance(2_000);
    expect(fatals).toEqual([]);
    expect(owner.positions.get(0)).toEqual({ done: 20, from: 10, end: 20 });
  });

  it('before its beginning is rejected, because uncounted records were deleted', async () => {
    const { fatals } = await use((kafka) => {
      kafka.commit(20, { from: 10 });
      kafka.logHas(25, 40);
    });
    expect(fatals[0]?.message).toContain('records 20 to 24');
  });

  it('is accepted if records before `done` were deleted, and read from the beginning', async () => {
    const { consumer, fatals, owner } = await use((kafka) => {
      kafka.commit(20, { from: 10, mark: markAt(12) });
      kafka.logHas(15, 40);
    });
    expect(fatals).toEqual([]);
    expect(owner.positions.get(0)).toEqual({ done: 20, from: 10, end: 40 });
    expect(consumer.seeks).toEqual([{ topic: TOPIC, partition: 0, offset: '15' }]);
    consumer.takeUpSeeks();
    await consumer.feed(TOPIC, 0, [recordAt(15)]);
    expect(owner.received.map(({ offset }) => offset)).toEqual([15]);
  });

  it('of a group that has committed nothing is the beginning', async () => {
    const { fatals, owner } = await use((kafka) => kafka.logHas(25, 40));
    expect(fatals).toEqual([]);
    expect(owner.positions.get(0)).toEqual({ done: 0, from: 0, end: 40 });
  });
});

describe('a loss that kafkajs shows in every check', () => {
  // A leader that was cut off from its cluster answers with the end that its log had then.
  const behind = (kafka: FakeAdmin): void => {
    kafka.commit(20, { from: 10 });
    kafka.logHas(0, 15);
  };

  it('is no loss if enough brokers confirm a later end', async () => {
    const { fatals, owner } = await use(behind, { confirmEnd: async () => 25 });
    expect(fatals).toEqual([]);
    expect(owner.positions.get(0)).toEqual({ done: 20, from: 10, end: 25 });
  });

  it('is reported if enough brokers confirm it', async () => {
    const { fatals, owner } = await use(behind, { confirmEnd: async () => 15 });
    expect(fatals[0]?.message).toContain('has lost records 15 to 19');
    expect(owner.positions.size).toBe(0);
  });

  it('is neither reported nor ignored while it cannot be confirmed', async () => {
    const { failures, fatals, owner } = await use(behind, {
      confirmEnd: () => Promise.reject(new LikestreamError('log_unavailable', 'too few answer')),
    });
    expect(fatals).toEqual([]);
    expect(failures).toContain('load the position');
    expect(owner.positions.size).toBe(0);
  });

  it('is no loss either during reading if a later end is confirmed', async () => {
    const { admin, clock, consumer, fatals } = await use((kafka) => kafka.logHas(0, 3), {
      confirmEnd: async () => 3,
    });
    consumer.takeUpSeeks();
    await consumer.feed(TOPIC, 0, [recordAt(0), recordAt(1), recordAt(2)]);
    admin.logHas(0, 1);
    consumer.emit('request', { apiName: 'Metadata' });
    await clock.advance(5_000);
    expect(fatals).toEqual([]);
  });

  it('below a saved state is confirmed as well', async () => {
    const { clock, source } = await use((kafka) => kafka.logHas(0, 3), {
      confirmEnd: async () => 3,
    });
    const verified = source.verifyEnd(0, 4);
    const rejected = expect(verified).rejects.toMatchObject({ code: 'log_mismatch' });
    await clock.advance(5_000);
    await rejected;
  });
});

describe('the mark of a committed position', () => {
  it('is the record before it, and is committed with the log time', async () => {
    const { consumer, source } = await use((kafka) => kafka.logHas(0, 3));
    consumer.takeUpSeeks();
    await consumer.feed(TOPIC, 0, [recordAt(0), recordAt(1), recordAt(2)]);
    await source.commit(0, { done: 2, from: 1, logTime: 99 });
    const metadata = JSON.stringify({ from: 1, logTime: 99, mark: markAt(1) });
    expect(consumer.committed).toEqual([{ topic: TOPIC, partition: 0, offset: '2', metadata }]);
  });

  it('is verified by a new owner, which does not count that record again', async () => {
    const { consumer, fatals, owner } = await use((kafka) => {
      kafka.commit(2, { from: 2, logTime: 99, mark: markAt(1) });
      kafka.logHas(0, 3);
    });
    expect(consumer.seeks).toEqual([{ topic: TOPIC, partition: 0, offset: '1' }]);
    consumer.takeUpSeeks();
    const { resolved } = await consumer.feed(TOPIC, 0, [recordAt(1), recordAt(2)]);
    expect(resolved).toBe('2');
    expect(owner.positions.get(0)).toEqual({ done: 2, from: 2, end: 3, logTime: 99 });
    expect(owner.received.map(({ offset }) => offset)).toEqual([2]);
    expect(fatals).toEqual([]);
  });

  it('ends the process if that record was replaced', async () => {
    const { consumer, fatals, owner } = await use((kafka) => {
      kafka.commit(2, { from: 0, mark: markAt(1) });
      kafka.logHas(0, 9);
    });
    consumer.takeUpSeeks();
    const { resolved } = await consumer.feed(TOPIC, 0, [recordAt(0), recordAt(1, 'other')]);
    expect(resolved).toBeUndefined();
    expect(owner.received).toEqual([]);
    expect(fatals[0]).toMatchObject({ code: 'log_mismatch', retriable: false });
    expect(fatals[0]?.message).toContain('another record at offset 1');
  });

  it('stays the same if nothing was read since', async () => {
    const { consumer, source } = await use((kafka) => {
      kafka.commit(2, { from: 2, mark: markAt(1) });
      kafka.logHas(0, 2);
    });
    await source.commit(0, { done: 2, from: 2 });
    const metadata = JSON.stringify({ from: 2, mark: markAt(1) });
    expect(consumer.committed.at(-1)).toMatchObject({ offset: '2', metadata });
  });
});

describe('an owner whose connection broke', () => {
  async function useRead() {
    const used = await use((kafka) => kafka.logHas(0, 3));
    used.consumer.takeUpSeeks();
    await used.consumer.feed(TOPIC, 0, [recordAt(0), recordAt(1), recordAt(2)]);
    used.consumer.seeks.length = 0;
    return used;
  }

  it('ends if the log ends before the records that it has read', async () => {
    const { admin, clock, consumer, fatals } = await useRead();
    admin.logHas(0, 2);
    consumer.emit('request', { apiName: 'Metadata' });
    await clock.advance(3_000);
    expect(fatals[0]?.message).toContain('has lost records 2 to 2');
  });

  it('ends if the log was cut and has grown again', async () => {
    const { admin, clock, consumer, fatals, owner } = await useRead();
    admin.logHas(0, 9);
    consumer.emit('request', { apiName: 'Metadata' });
    const before = await consumer.feed(TOPIC, 0, [recordAt(3)]);
    expect(before.resolved).toBeUndefined();
    expect(consumer.seeks).toEqual([{ topic: TOPIC, partition: 0, offset: '2' }]);
    consumer.takeUpSeeks();
    await consumer.feed(TOPIC, 0, [recordAt(2, 'other'), recordAt(3)]);
    await clock.advance(100);
    expect(fatals[0]?.message).toContain('another record at offset 2');
    expect(owner.received).toHaveLength(3);
  });

  it('continues, and reads each record once, if the log is the same', async () => {
    const { admin, consumer, fatals, owner } = await useRead();
    admin.logHas(0, 4);
    consumer.emit('request', { apiName: 'Metadata' });
    await consumer.feed(TOPIC, 0, [recordAt(3)]);
    consumer.takeUpSeeks();
    await consumer.feed(TOPIC, 0, [recordAt(2), recordAt(3)]);
    expect(owner.received.map(({ offset }) => offset)).toEqual([0, 1, 2, 3]);
    expect(fatals).toEqual([]);
  });

  it('reads from the beginning of the partition if that is before the mark', async () => {
    const { clock, consumer, failures, owner } = await use((kafka) => {
      kafka.commit(20, { from: 10, mark: markAt(19) });
      kafka.logHas(0, 21);
    });
    consumer.emit('request', { apiName: 'Metadata' });
    await clock.advance(100);
    expect(consumer.seeks.at(-1)).toMatchObject({ offset: '10' });
    consumer.takeUpSeeks();
    const records = Array.from({ length: 11 }, (_, at) => recordAt(at + 10));
    await consumer.feed(TOPIC, 0, records);
    expect(owner.received).toHaveLength(11);
    expect(failures).toEqual([]);
  });

  it('ends as a new member as well, because its process remembers the offsets', async () => {
    const { admin, clock, consumer, fatals } = await useRead();
    consumer.crash(false);
    admin.logHas(0, 2);
    await clock.advance(500);
    consumer.join(TOPIC, [0]);
    await clock.advance(3_000);
    expect(fatals[0]?.message).toContain('has lost records 2 to 2');
  });
});
