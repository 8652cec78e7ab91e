import { entries, type Use } from './log-fixture';
import { RecordingConsumer } from './recording-consumer';
import { freshChannel } from './time';

/** The contract of the group whose members share a log's partitions. */
export function describeGroup(use: Use): void {
  describeAssignments(use);
  describeCommitsOfMembers(use);
}

function describeAssignments(use: Use): void {
  it('assigns each partition to one member, and a share to a second one', async () => {
    const { member, partitions, time } = use();
    const first = await member();
    await time.eventually(() => expect(first.consumer.positions.size).toBe(partitions));
    const second = await member();
    await time.eventually(() => {
      const both = [...first.consumer.positions.keys(), ...second.consumer.positions.keys()];
      expect(both.sort((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, at) => at));
      expect(second.consumer.positions.size).toBeGreaterThan(0);
      expect(first.consumer.positions.size).toBeGreaterThan(0);
    });
  });

  it('delivers every record that is appended while another member joins', async () => {
    const { log, member, partitions, time, topic } = use();
    const channel = freshChannel();
    const first = await member();
    await time.eventually(() => expect(first.consumer.positions.size).toBe(partitions));
    const all = Array.from({ length: partitions }, (_, at) => at);
    let isJoined = false;
    const joining = member().finally(() => {
      isJoined = true;
    });
    let rounds = 0;
    do {
      rounds += 1;
      const entry = { key: channel, value: `${rounds}` };
      await time.finish(
        log.append(
          topic,
          all.map((partition) => ({ ...entry, partition })),
        ),
      );
      await time.pass(20);
    } while (!isJoined);
    const second = await joining;
    const received = () => [...first.consumer.of(channel), ...second.consumer.of(channel)];
    const places = () => new Set(received().map(({ partition, value }) => `${partition}/${value}`));
    await time.eventually(() => expect(places().size).toBe(rounds * partitions));
  });

  it('assigns the partitions of a leaving member to the remaining one', async () => {
    const { log, member, partitions, time, topic } = use();
    const first = await member();
    const second = await member();
    await time.eventually(() => expect(second.consumer.positions.size).toBeGreaterThan(0));
    await time.finish(first.source.stop());
    expect(first.consumer.positions.size).toBe(0);
    await time.eventually(() => expect(second.consumer.positions.size).toBe(partitions));
    const channel = freshChannel();
    for (let partition = 0; partition < partitions; partition++) {
      await time.finish(log.append(topic, entries(channel, partition, ['a'])));
    }
    await time.eventually(() => expect(second.consumer.of(channel)).toHaveLength(partitions));
    expect(first.consumer.of(channel)).toEqual([]);
  });
}

function describeCommitsOfMembers(use: Use): void {
  it('refuses a commit of a member that no longer owns the partition', async () => {
    const { member, partitions, time } = use();
    const first = await member();
    await time.eventually(() => expect(first.consumer.positions.size).toBe(partitions));
    const second = await member();
    await time.eventually(() => expect(first.consumer.positions.size).toBeLessThan(partitions));
    const [lost = -1] = second.consumer.positions.keys();
    const commit = first.source.commit(lost, { done: 1, from: 0 });
    await expect(time.finish(commit)).rejects.toThrow();
  });

  it('refuses a commit of a member that has left', async () => {
    const { member, partitions, time } = use();
    const { consumer, source } = await member();
    await time.eventually(() => expect(consumer.positions.size).toBe(partitions));
    await time.finish(source.stop());
    await expect(time.finish(source.commit(0, { done: 1, from: 0 }))).rejects.toThrow();
  });

  it('accepts a commit that an owner makes during its revocation', async () => {
    const { join, log, member, partitions, time, topic } = use();
    for (let partition = 0; partition < partitions; partition++) {
      const values = Array.from({ length: 7 }, (_, at) => `${at}`);
      await time.finish(log.append(topic, entries(freshChannel(), partition, values)));
    }
    const source = join();
    const outcomes: string[] = [];
    const consumer = new RecordingConsumer();
    consumer.revoked = async (partition) => {
      const committed = source.commit(partition, { done: 7, from: 7 });
      outcomes.push(
        await committed.then(
          () => 'taken',
          () => 'refused',
        ),
      );
    };
    await time.finish(source.start(consumer));
    await time.eventually(() => expect(consumer.positions.size).toBe(partitions));
    await time.finish(source.stop());
    expect(outcomes).toEqual(new Array(partitions).fill('taken'));
    const { consumer: next } = await member();
    await time.eventually(() => expect(next.positions.get(0)).toMatchObject({ done: 7, from: 7 }));
  });
}
