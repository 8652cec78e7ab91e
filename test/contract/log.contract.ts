import type { LogSource } from '../../adapters/log-source';
import { entries, type LogFixture, type Use } from './log-fixture';
import { describeGroup } from './log-group.contract';
import { describeLosses } from './log-losses.contract';
import { RecordingConsumer } from './recording-consumer';
import { freshChannel } from './time';

/** The contract of every event log, for producers and for members of the group. */
export function describeLogContract(name: string, open: () => Promise<LogFixture>): void {
  describe(`the event log: ${name}`, () => {
    let fixture: LogFixture;
    const members: LogSource[] = [];
    const use: Use = () => ({
      ...fixture,
      async member() {
        const source = fixture.join();
        members.push(source);
        const consumer = new RecordingConsumer();
        await fixture.time.finish(source.start(consumer));
        return { source, consumer };
      },
    });
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(async () => {
      for (const source of members.splice(0)) await fixture.time.finish(source.stop());
      await fixture.close();
    });

    describeAppending(use);
    describeReading(use);
    describeCommitting(use);
    describeLosses(use);
    describeGroup(use);
  });
}

function describeAppending(use: Use): void {
  it('returns each entry’s offset, in the order of the call, rising in a partition', async () => {
    const { log, time, topic } = use();
    const both = [
      ...entries(freshChannel(), 0, ['a', 'b']),
      ...entries(freshChannel(), 1, ['c']),
      ...entries(freshChannel(), 0, ['d']),
    ];
    const [a = -1, b = -1, , d = -1] = await time.finish(log.append(topic, both));
    expect(a).toBeGreaterThanOrEqual(0);
    expect(b).toBeGreaterThan(a);
    expect(d).toBeGreaterThan(b);
    const [e = -1] = await time.finish(log.append(topic, entries(freshChannel(), 0, ['e'])));
    expect(e).toBeGreaterThan(d);
  });

  it('returns a different offset for each of many concurrent appends', async () => {
    const { log, time, topic } = use();
    const appends = Array.from({ length: 50 }, (_, at) =>
      log.append(topic, entries(freshChannel(), 2, [`${at}`, `${at}`])),
    );
    const offsets = (await time.finish(Promise.all(appends))).flat();
    expect(new Set(offsets).size).toBe(100);
  });
}

function describeReading(use: Use): void {
  it('delivers every record of each partition in order, with its offset', async () => {
    const { log, member, partitions, time, topic } = use();
    const channel = freshChannel();
    const expected: { partition: number; offset: number; value: string }[] = [];
    for (let round = 0; round < 3; round++) {
      for (let partition = 0; partition < partitions; partition++) {
        const values = [`${round}.1`, `${round}.2`];
        const offsets = await time.finish(log.append(topic, entries(channel, partition, values)));
        for (const [at, value] of values.entries()) {
          expected.push({ partition, offset: offsets[at] ?? -1, value });
        }
      }
    }
    const { consumer } = await member();
    await time.eventually(() => expect(consumer.of(channel)).toHaveLength(expected.length));
    for (let partition = 0; partition < partitions; partition++) {
      const here = (note: { partition: number }) => note.partition === partition;
      expect(consumer.of(channel).filter(here)).toEqual(expected.filter(here));
    }
  });

  it('delivers records that are appended while a member reads', async () => {
    const { log, member, time, topic } = use();
    const channel = freshChannel();
    const { consumer } = await member();
    for (const value of ['a', 'b', 'c']) {
      await time.finish(log.append(topic, entries(channel, 3, [value])));
    }
    const values = () => consumer.of(channel).map((record) => record.value);
    await time.eventually(() => expect(values()).toEqual(['a', 'b', 'c']));
  });

  it('delivers the same records, and no later ones, while the owner rejects them', async () => {
    const { log, member, time, topic } = use();
    const channel = freshChannel();
    const { consumer } = await member();
    consumer.refuse = (records) => records.some(({ key }) => key === channel);
    await time.finish(log.append(topic, entries(channel, 1, ['a', 'b'])));
    await time.eventually(() => expect(consumer.refused).toBeGreaterThanOrEqual(2));
    await time.finish(log.append(topic, entries(channel, 1, ['c'])));
    expect(consumer.of(channel)).toEqual([]);
    consumer.refuse = undefined;
    const values = () => consumer.of(channel).map((record) => record.value);
    await time.eventually(() => expect(values()).toEqual(['a', 'b', 'c']));
  });

  it('continues with other partitions while the owner rejects one', async () => {
    const { log, member, time, topic } = use();
    const [refused, taken] = [freshChannel(), freshChannel()];
    const { consumer } = await member();
    consumer.refuse = (records) => records.some(({ key }) => key === refused);
    await time.finish(log.append(topic, entries(refused, 0, ['a'])));
    await time.eventually(() => expect(consumer.refused).toBeGreaterThan(0));
    await time.finish(log.append(topic, entries(taken, 1, ['b'])));
    await time.eventually(() => expect(consumer.of(taken)).toHaveLength(1));
  });
}

function describeCommitting(use: Use): void {
  it('starts a group without commits at the beginning of the log', async () => {
    const { member, partitions, time } = use();
    const { consumer } = await member();
    await time.eventually(() => expect(consumer.positions.size).toBe(partitions));
    const nothing = { done: 0, from: 0, end: 0 };
    for (const position of consumer.positions.values()) expect(position).toEqual(nothing);
  });

  it('assigns a successor the committed position and the end, and reads from `from`', async () => {
    const { log, member, time, topic } = use();
    const channel = freshChannel();
    const values = ['a', 'b', 'c', 'd'];
    const offsets = await time.finish(log.append(topic, entries(channel, 2, values)));
    const [, from = -1, , done = -1] = offsets;
    const first = await member();
    await time.eventually(() => expect(first.consumer.of(channel)).toHaveLength(4));
    await time.finish(first.source.commit(2, { done, from }));
    await time.finish(first.source.stop());
    const { consumer } = await member();
    await time.eventually(() => expect(consumer.of(channel)).toHaveLength(3));
    expect(consumer.positions.get(2)).toEqual({ done, from, end: (offsets[3] ?? 0) + 1 });
    expect(consumer.of(channel).map(({ offset }) => offset)).toEqual(offsets.slice(1));
  });

  it('delivers all records again to a successor if nothing was committed', async () => {
    const { log, member, time, topic } = use();
    const channel = freshChannel();
    await time.finish(log.append(topic, entries(channel, 2, ['a', 'b'])));
    const first = await member();
    await time.eventually(() => expect(first.consumer.of(channel)).toHaveLength(2));
    await time.finish(first.source.stop());
    const { consumer } = await member();
    await time.eventually(() => expect(consumer.of(channel)).toHaveLength(2));
  });
}
