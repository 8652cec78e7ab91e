import type { LogConsumer } from '../../adapters/log-source';
import { entries, type Use } from './log-fixture';
import { RecordingConsumer } from './recording-consumer';
import { freshChannel } from './time';

/** The contract of an event log that has lost acknowledged records. */
export function describeLosses(use: Use): void {
  it('ends with an error that names the lost records', async () => {
    const { join, log, member, partitions, time, topic } = use();
    await time.finish(log.append(topic, entries(freshChannel(), 2, ['a', 'b'])));
    const first = await member();
    await time.eventually(() => expect(first.consumer.positions.size).toBe(partitions));
    await time.finish(first.source.commit(2, { done: 5, from: 1 }));
    await time.finish(first.source.stop());
    const fatals: Error[] = [];
    const second = join((error) => fatals.push(error));
    const consumer = new RecordingConsumer();
    await time.finish(second.start(consumer));
    await time.eventually(() => expect(fatals).toHaveLength(1));
    expect(fatals[0]).toMatchObject({ code: 'log_mismatch', retriable: false });
    expect(fatals[0]?.message).toContain(`topic ${topic}, partition 2`);
    expect(fatals[0]?.message).toContain('records 2 to 4');
    expect(fatals[0]?.message).toContain('LOG_GENERATION');
    expect(consumer.positions.has(2)).toBe(false);
    await time.finish(second.stop());
  });

  it('continues from a position at the end of the log', async () => {
    const { join, log, member, partitions, time, topic } = use();
    await time.finish(log.append(topic, entries(freshChannel(), 2, ['a', 'b'])));
    const first = await member();
    await time.eventually(() => expect(first.consumer.positions.size).toBe(partitions));
    // A commit during a rebalance is refused, and repeated.
    const position = { done: 2, from: 2, logTime: 7 };
    await time.eventually(async () => time.finish(first.source.commit(2, position)));
    await time.finish(first.source.stop());
    const fatals: Error[] = [];
    const second = join((error) => fatals.push(error));
    const consumer = new RecordingConsumer();
    await time.finish(second.start(consumer));
    const assigned = { ...position, end: 2 };
    await time.eventually(() => expect(consumer.positions.get(2)).toEqual(assigned));
    const channel = freshChannel();
    await time.finish(log.append(topic, entries(channel, 2, ['c'])));
    await time.eventually(() => expect(consumer.of(channel)).toHaveLength(1));
    expect(consumer.received.filter(({ partition }) => partition === 2)).toHaveLength(1);
    expect(fatals).toEqual([]);
    await time.finish(second.stop());
  });

  it('is detected by an owner with a later record, whose process ends', async () => {
    const { join, log, partitions, time, topic } = use();
    await time.finish(log.append(topic, entries(freshChannel(), 2, ['a', 'b'])));
    const fatals: Error[] = [];
    const source = join((error) => fatals.push(error));
    const consumer = new RecordingConsumer();
    // An owner that has a saved state of record 4.
    const records = async (partition: number) => {
      if (partition === 2) await source.verifyEnd(partition, 5);
    };
    const owner: LogConsumer = {
      assigned: (partition, assignment) => consumer.assigned(partition, assignment),
      ...{ records, applyPeerUpdates: async () => undefined },
      isCancelPending: () => false,
      revoked: (partition) => consumer.revoked(partition),
    };
    await time.finish(source.start(owner));
    await time.eventually(() => expect(consumer.positions.size).toBe(partitions));
    await time.eventually(() => expect(fatals).toHaveLength(1));
    expect(fatals[0]).toMatchObject({ code: 'log_mismatch', retriable: false });
    expect(fatals[0]?.message).toContain('partition 2 has lost records 2 to 4');
    expect(await time.finish(source.verifyEnd(2, 2))).toBe(2);
    await time.finish(source.stop());
  });
}
