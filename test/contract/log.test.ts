import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { FileLog } from '../../adapters/embedded/file-log/file-log';
import { DiskFolder, type LogFolder } from '../../adapters/embedded/file-log/log-folder';
import { EmbeddedGroup } from '../../adapters/embedded/group';
import { LmdbDatabase } from '../../adapters/embedded/lmdb-database';
import { EmbeddedSource } from '../../adapters/embedded/log-source';
import { type Clock, systemClock as clock } from '../../runtime/clock';
import { PARTITIONS } from '../../schemas/partitions';
import { MemoryDisk } from '../adapters/embedded/file-log/memory-disk';
import { SimulatedLog } from '../simulation/simulated-log';
import { type EmbeddedFixture, openSimulatedDisk } from './embedded';
import { IDLE_OWNER } from './idle-owner';
import { describeLogContract } from './log.contract';
import type { LogFixture } from './log-fixture';
import { freshChannel, freshId, realTime } from './time';

const TOPIC = 'likes';

function embedded({ clock, close, database, time }: EmbeddedFixture): LogFixture {
  const log = new SimulatedLog(database, clock);
  const group = new EmbeddedGroup(clock, PARTITIONS);
  const join = (fatal?: (error: Error) => void) =>
    new EmbeddedSource({ memberId: freshId(), topic: TOPIC, log, database, group, clock, fatal });
  return { log, topic: TOPIC, partitions: PARTITIONS, join, time, close };
}

type FilesFixture = Omit<EmbeddedFixture, 'clock'> & { readonly clock: Clock };

/** A log in files; positions are in a database. */
function inFiles(fixture: FilesFixture, folder: LogFolder): LogFixture {
  const { clock, database, time } = fixture;
  const log = new FileLog(folder, clock);
  const group = new EmbeddedGroup(clock, PARTITIONS);
  const join = (fatal?: (error: Error) => void) =>
    new EmbeddedSource({ memberId: freshId(), topic: TOPIC, log, database, group, clock, fatal });
  const close = async () => {
    await time.finish(log.close());
    await fixture.close();
  };
  return { log, topic: TOPIC, partitions: PARTITIONS, join, time, close };
}

function onDisk(): LogFixture {
  const path = mkdtempSync(pathOf(tmpdir(), 'likestream-log-'));
  const database = new LmdbDatabase(pathOf(path, 'db'), clock);
  const close = async () => {
    await database.close();
    rmSync(path, { recursive: true });
  };
  return inFiles({ clock, database, time: realTime, close }, new DiskFolder(pathOf(path, 'log')));
}

function inMemory(): LogFixture {
  const fixture = openSimulatedDisk();
  return inFiles(fixture, new MemoryDisk(fixture.clock).mount());
}

describeLogContract('embedded, on a disk', async () => onDisk());
describeLogContract('embedded, on a disk in memory', async () => inMemory());
describeLogContract('simulated', async () => embedded(openSimulatedDisk()));

describe('SimulatedLog', () => {
  it('rejects with `log_unavailable` if the disk is full, and continues later', async () => {
    const fixture = openSimulatedDisk();
    const log = new SimulatedLog(fixture.database, fixture.clock);
    const entry = { key: freshChannel(), partition: 0, value: 'a' };
    fixture.database.full = true;
    const refused = fixture.time.finish(log.append(TOPIC, [entry]));
    await expect(refused).rejects.toMatchObject({ code: 'log_unavailable' });
    fixture.database.full = false;
    const [offset = -1] = await fixture.time.finish(log.append(TOPIC, [entry]));
    expect(log.read(TOPIC, 0, 0, 10)).toMatchObject([{ offset, key: entry.key, value: 'a' }]);
  });

  it('assigns no offset twice after a restart, even if no record is left', async () => {
    const fixture = openSimulatedDisk();
    const { log, join, time } = embedded(fixture);
    const entry = { key: freshChannel(), partition: 0, value: 'a' };
    const [first = -1] = await time.finish(log.append(TOPIC, [entry]));
    const source = join();
    await source.start(IDLE_OWNER);
    await time.finish(source.commit(0, { done: first + 1, from: first + 1 }));
    await time.finish(source.stop());
    const left = new SimulatedLog(fixture.database, fixture.clock).read(TOPIC, 0, 0, 10);
    expect(left).toEqual([]);
    const again = new SimulatedLog(fixture.database, fixture.clock);
    const [next = -1] = await time.finish(again.append(TOPIC, [entry]));
    expect(next).toBeGreaterThan(first);
  });

  it('notifies a listener of each partition with new records, until it is removed', async () => {
    const fixture = openSimulatedDisk();
    const log = new SimulatedLog(fixture.database, fixture.clock);
    const applyPeerUpdates: [string, number][] = [];
    const stop = log.onAppend((topic, partition) => applyPeerUpdates.push([topic, partition]));
    const entry = (partition: number) => ({ key: freshChannel(), partition, value: 'a' });
    await fixture.time.finish(log.append(TOPIC, [entry(1), entry(2), entry(1)]));
    stop();
    await fixture.time.finish(log.append(TOPIC, [entry(3)]));
    expect(applyPeerUpdates).toEqual([
      [TOPIC, 1],
      [TOPIC, 2],
    ]);
  });
});

it('rejects a position after the end of a log that was cut', async () => {
  const fixture = openSimulatedDisk();
  const { log, join, time } = embedded(fixture);
  const values = ['a', 'b', 'c'];
  const entries = values.map((value) => ({ key: freshChannel(), partition: 0, value }));
  await time.finish(log.append(TOPIC, entries));
  const first = join();
  await first.start(IDLE_OWNER);
  await time.finish(first.commit(0, { done: 3, from: 0 }));
  await time.finish(first.stop());
  const written = new SimulatedLog(fixture.database, fixture.clock);
  const lost = written.keysBelow(TOPIC, 0, 3, 3).slice(1);
  await time.finish(fixture.database.write(lost.map((key) => ({ key }))));
  const fatals: Error[] = [];
  const assigned: number[] = [];
  const second = join((error) => fatals.push(error));
  await second.start({ ...IDLE_OWNER, assigned: (partition) => void assigned.push(partition) });
  await time.pass(5_000);
  expect(fatals).toHaveLength(1);
  expect(fatals[0]?.message).toContain('records 1 to 2');
  expect(assigned).not.toContain(0);
  await time.finish(second.stop());
});

it('rejects a log in which the last record before the position was replaced', async () => {
  const fixture = openSimulatedDisk();
  const { clock, database, time } = fixture;
  const log = new SimulatedLog(database, clock);
  const fatal: string[] = [];
  const join = () => {
    const group = new EmbeddedGroup(clock, PARTITIONS);
    const refused = (error: Error): void => void fatal.push(error.message);
    const parts = { memberId: freshId(), topic: TOPIC, log, database, group, clock };
    return new EmbeddedSource({ ...parts, fatal: refused });
  };
  const entry = { key: freshChannel(), partition: 0, value: 'a' };
  const [offset = -1] = await time.finish(log.append(TOPIC, [entry]));
  const first = join();
  await first.start(IDLE_OWNER);
  await time.finish(first.commit(0, { done: offset + 1, from: 0 }));
  await time.finish(first.stop());
  const [key = ''] = log.keysBelow(TOPIC, 0, offset + 1, 10);
  const other = { key: entry.key, value: 'b', appendedAt: clock.now() };
  await time.finish(database.write([{ key, value: other }]));
  const second = join();
  await second.start(IDLE_OWNER);
  expect(fatal).toEqual([expect.stringContaining(`another record at offset ${offset}`)]);
  await time.finish(second.stop());
});

it('keeps the records from `from` on when it is trimmed', async () => {
  const fixture = openSimulatedDisk();
  const { log, join, time } = embedded(fixture);
  const values = ['a', 'b', 'c'];
  const entries = values.map((value) => ({ key: freshChannel(), partition: 0, value }));
  const [, from = -1, done = -1] = await time.finish(log.append(TOPIC, entries));
  const source = join();
  await source.start(IDLE_OWNER);
  await time.finish(source.commit(0, { done, from }));
  await time.finish(source.stop());
  const left = new SimulatedLog(fixture.database, fixture.clock).read(TOPIC, 0, 0, 10);
  expect(left.map(({ value }) => value)).toEqual(['b', 'c']);
});
