import type { LogSource } from '../../adapters/log-source';
import { entries, type LogPart, type Use } from './log-fixture';
import { describeLosses } from './log-losses.contract';
import { Notes } from './recording-consumer';
import { freshChannel } from './time';

/** What any event log has to do, for producers and for members of the consumer group. */
export function describeLogContract(name: string, open: () => Promise<LogPart>): void {
  describe(`the event log: ${name}`, () => {
    let part: LogPart;
    const members: LogSource[] = [];
    const use: Use = () => ({
      ...part,
      async member() {
        const source = part.join();
        members.push(source);
        const notes = new Notes();
        await part.time.finish(source.start(notes));
        return { source, notes };
      },
    });
    beforeEach(async () => {
      part = await open();
    });
    afterEach(async () => {
      for (const source of members.splice(0)) await part.time.finish(source.stop());
      await part.close();
    });

    describeAppending(use);
    describeReading(use);
    describeCommitting(use);
    describeLosses(use);
    describeGroup(use);
  });
}

function describeAppending(use: Use): void {
  it('gives each entry its offset, in the order of the call, rising in a partition', async () => {
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

  it('gives every one of many appends at once an offset of its own', async () => {
    const { log, time, topic } = use();
    const appends = Array.from({ length: 50 }, (_, at) =>
      log.append(topic, entries(freshChannel(), 2, [`${at}`, `${at}`])),
    );
    const offsets = (await time.finish(Promise.all(appends))).flat();
    expect(new Set(offsets).size).toBe(100);
  });
}

function describeReading(use: Use): void {
  it('hands a member every record of each partition in order, with its offset', async () => {
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
    const { notes } = await member();
    await time.eventually(() => expect(notes.of(channel)).toHaveLength(expected.length));
    for (let partition = 0; partition < partitions; partition++) {
      const here = (note: { partition: number }) => note.partition === partition;
      expect(notes.of(channel).filter(here)).toEqual(expected.filter(here));
    }
  });

  it('hands on what is appended while a member is there', async () => {
    const { log, member, time, topic } = use();
    const channel = freshChannel();
    const { notes } = await member();
    for (const value of ['a', 'b', 'c']) {
      await time.finish(log.append(topic, entries(channel, 3, [value])));
    }
    const values = () => notes.of(channel).map((record) => record.value);
    await time.eventually(() => expect(values()).toEqual(['a', 'b', 'c']));
  });

  it('offers the same records again while the owner rejects them, and no later ones', async () => {
    const { log, member, time, topic } = use();
    const channel = freshChannel();
    const { notes } = await member();
    notes.refuse = (records) => records.some(({ key }) => key === channel);
    await time.finish(log.append(topic, entries(channel, 1, ['a', 'b'])));
    await time.eventually(() => expect(notes.refused).toBeGreaterThanOrEqual(2));
    await time.finish(log.append(topic, entries(channel, 1, ['c'])));
    expect(notes.of(channel)).toEqual([]);
    notes.refuse = undefined;
    const values = () => notes.of(channel).map((record) => record.value);
    await time.eventually(() => expect(values()).toEqual(['a', 'b', 'c']));
  });

  it('goes on with other partitions while the owner rejects one', async () => {
    const { log, member, time, topic } = use();
    const [refused, taken] = [freshChannel(), freshChannel()];
    const { notes } = await member();
    notes.refuse = (records) => records.some(({ key }) => key === refused);
    await time.finish(log.append(topic, entries(refused, 0, ['a'])));
    await time.eventually(() => expect(notes.refused).toBeGreaterThan(0));
    await time.finish(log.append(topic, entries(taken, 1, ['b'])));
    await time.eventually(() => expect(notes.of(taken)).toHaveLength(1));
  });
}

function describeCommitting(use: Use): void {
  it('starts a group that has recorded nothing at the beginning of the log', async () => {
    const { member, partitions, time } = use();
    const { notes } = await member();
    await time.eventually(() => expect(notes.positions.size).toBe(partitions));
    const nothing = { done: 0, from: 0, end: 0 };
    for (const position of notes.positions.values()) expect(position).toEqual(nothing);
  });

  it('gives a successor the committed position, the end, and records from `from` on', async () => {
    const { log, member, time, topic } = use();
    const channel = freshChannel();
    const values = ['a', 'b', 'c', 'd'];
    const offsets = await time.finish(log.append(topic, entries(channel, 2, values)));
    const [, from = -1, , done = -1] = offsets;
    const first = await member();
    await time.eventually(() => expect(first.notes.of(channel)).toHaveLength(4));
    await time.finish(first.source.commit(2, { done, from }));
    await time.finish(first.source.stop());
    const { notes } = await member();
    await time.eventually(() => expect(notes.of(channel)).toHaveLength(3));
    expect(notes.positions.get(2)).toEqual({ done, from, end: (offsets[3] ?? 0) + 1 });
    expect(notes.of(channel).map(({ offset }) => offset)).toEqual(offsets.slice(1));
  });

  it('hands a successor everything again when nothing was recorded', async () => {
    const { log, member, time, topic } = use();
    const channel = freshChannel();
    await time.finish(log.append(topic, entries(channel, 2, ['a', 'b'])));
    const first = await member();
    await time.eventually(() => expect(first.notes.of(channel)).toHaveLength(2));
    await time.finish(first.source.stop());
    const { notes } = await member();
    await time.eventually(() => expect(notes.of(channel)).toHaveLength(2));
  });
}

function describeGroup(use: Use): void {
  it('lets every partition be owned by one member, and a second one have its share', async () => {
    const { member, partitions, time } = use();
    const first = await member();
    await time.eventually(() => expect(first.notes.positions.size).toBe(partitions));
    const second = await member();
    await time.eventually(() => {
      const both = [...first.notes.positions.keys(), ...second.notes.positions.keys()];
      expect(both.sort((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, at) => at));
      expect(second.notes.positions.size).toBeGreaterThan(0);
      expect(first.notes.positions.size).toBeGreaterThan(0);
    });
  });

  it('gives the partitions of a member that leaves to the one that stays', async () => {
    const { log, member, partitions, time, topic } = use();
    const first = await member();
    const second = await member();
    await time.eventually(() => expect(second.notes.positions.size).toBeGreaterThan(0));
    await time.finish(first.source.stop());
    expect(first.notes.positions.size).toBe(0);
    await time.eventually(() => expect(second.notes.positions.size).toBe(partitions));
    const channel = freshChannel();
    for (let partition = 0; partition < partitions; partition++) {
      await time.finish(log.append(topic, entries(channel, partition, ['a'])));
    }
    await time.eventually(() => expect(second.notes.of(channel)).toHaveLength(partitions));
    expect(first.notes.of(channel)).toEqual([]);
  });

  it('refuses a commit of a member that owns the partition no more', async () => {
    const { member, partitions, time } = use();
    const first = await member();
    await time.eventually(() => expect(first.notes.positions.size).toBe(partitions));
    const second = await member();
    await time.eventually(() => expect(first.notes.positions.size).toBeLessThan(partitions));
    const [lost = -1] = second.notes.positions.keys();
    const commit = first.source.commit(lost, { done: 1, from: 0 });
    await expect(time.finish(commit)).rejects.toThrow();
  });

  it('refuses a commit of a member that has left', async () => {
    const { member, partitions, time } = use();
    const { notes, source } = await member();
    await time.eventually(() => expect(notes.positions.size).toBe(partitions));
    await time.finish(source.stop());
    await expect(time.finish(source.commit(0, { done: 1, from: 0 }))).rejects.toThrow();
  });

  it('still takes the commit that an owner makes while it lets go', async () => {
    const { join, log, member, partitions, time, topic } = use();
    for (let partition = 0; partition < partitions; partition++) {
      const values = Array.from({ length: 7 }, (_, at) => `${at}`);
      await time.finish(log.append(topic, entries(freshChannel(), partition, values)));
    }
    const source = join();
    const outcomes: string[] = [];
    const notes = new Notes();
    notes.revoked = async (partition) => {
      const committed = source.commit(partition, { done: 7, from: 7 });
      outcomes.push(
        await committed.then(
          () => 'taken',
          () => 'refused',
        ),
      );
    };
    await time.finish(source.start(notes));
    await time.eventually(() => expect(notes.positions.size).toBe(partitions));
    await time.finish(source.stop());
    expect(outcomes).toEqual(new Array(partitions).fill('taken'));
    const { notes: next } = await member();
    await time.eventually(() => expect(next.positions.get(0)).toMatchObject({ done: 7, from: 7 }));
  });
}
