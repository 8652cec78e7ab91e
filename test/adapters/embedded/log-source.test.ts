import { FileLog } from '../../../adapters/embedded/file-log/file-log';
import { EmbeddedGroup } from '../../../adapters/embedded/group';
import { EmbeddedSource } from '../../../adapters/embedded/log-source';
import { positionKey } from '../../../adapters/embedded/positions';
import { LikestreamError } from '../../../schemas/errors';
import { PARTITIONS } from '../../../schemas/partitions';
import { type EmbeddedFixture, openSimulatedDisk } from '../../contract/embedded';
import { IDLE_OWNER } from '../../contract/idle-owner';
import { freshChannel, freshId } from '../../contract/time';
import { SimulatedLog } from '../../simulation/simulated-log';
import { MemoryDisk } from './file-log/memory-disk';

const TOPIC = 'likes';

function embedded({ clock, database, time }: EmbeddedFixture) {
  const log = new SimulatedLog(database, clock);
  const group = new EmbeddedGroup(clock, PARTITIONS);
  const join = () =>
    new EmbeddedSource({ memberId: freshId(), topic: TOPIC, log, database, group, clock });
  return { log, join, time };
}

// Simulated seed 3000150: an owner that ran on committed while its successor waited for the store.
it('assigns a partition anew whose next records another member has trimmed', async () => {
  const fixture = openSimulatedDisk();
  const { log, join, time } = embedded(fixture);
  const entries = ['a', 'b', 'c'].map((value) => ({ key: freshChannel(), partition: 0, value }));
  await time.finish(log.append(TOPIC, entries));
  const calls: unknown[][] = [];
  let isStoreAway = true;
  const waiting = join();
  await waiting.start({
    ...IDLE_OWNER,
    assigned: (partition, { from }) => void (partition === 0 && calls.push(['assigned', from])),
    revoked: async (partition) => void (partition === 0 && calls.push(['revoked'])),
    records: async (_, records) => {
      if (isStoreAway) throw new LikestreamError('store_unavailable');
      calls.push(['records', ...records.map(({ offset }) => offset)]);
    },
  });
  const value = { done: 2, from: 2 };
  await time.finish(fixture.database.write([{ key: positionKey(TOPIC, 0), value }]));
  await time.finish(log.trim(TOPIC, 0, 2));
  isStoreAway = false;
  await time.eventually(() => {
    expect(calls).toEqual([['assigned', 0], ['revoked'], ['assigned', 2], ['records', 2]]);
  });
  await time.finish(waiting.stop());
});

it('trims a log that was opened again, by the positions of quiet partitions', async () => {
  const fixture = openSimulatedDisk();
  const disk = new MemoryDisk(fixture.clock);
  const open = () => new FileLog(disk.mount(), fixture.clock, 400);
  const { clock, database, time } = fixture;
  const group = new EmbeddedGroup(clock, PARTITIONS);
  const log = open();
  for (let at = 0; at < 30; at++) {
    const partition = at === 0 ? 0 : 1;
    await time.finish(log.append(TOPIC, [{ key: freshChannel(), partition, value: `${at}` }]));
  }
  const positions = [1, 29].map((done, partition) => {
    return { key: positionKey(TOPIC, partition), value: { done, from: done } };
  });
  await time.finish(database.write(positions));
  expect(disk.files.size).toBeGreaterThan(2);
  const options = { memberId: freshId(), topic: TOPIC, log: open(), database, group, clock };
  const source = new EmbeddedSource(options);
  await source.start(IDLE_OWNER);
  await time.eventually(() => expect(disk.files.size).toBe(1));
  await time.finish(source.stop());
});

it('reads on behind an offset that a failed append has left out', async () => {
  const fixture = openSimulatedDisk();
  const { log, join, time } = embedded(fixture);
  const append = (value: string) =>
    time.finish(log.append(TOPIC, [{ key: freshChannel(), partition: 0, value }]));
  const calls: unknown[][] = [];
  const source = join();
  await source.start({
    ...IDLE_OWNER,
    assigned: (partition) => void (partition === 0 && calls.push(['assigned'])),
    records: async (_, records) => void calls.push(records.map(({ offset }) => offset)),
  });
  await append('a');
  fixture.database.full = true;
  await expect(append('b')).rejects.toMatchObject({ code: 'log_unavailable' });
  fixture.database.full = false;
  await append('c');
  await time.eventually(() => expect(calls).toEqual([['assigned'], [0], [2]]));
  await time.finish(source.stop());
});
