import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogEntry } from '../../../adapters/event-log';
import { MAX_PENDING_IDS, PeerPublisher } from '../../../dispatchers/peers/peer-publisher';
import { type Publication, parsePeerUpdate } from '../../../schemas/peer-update';
import { deferred, settled } from '../../fixtures/deferred';
import { VirtualClock } from '../../simulation/virtual-clock';

const VIDEO = 'video:1';
const GOLDEN = readFileSync(join(__dirname, '..', 'fixtures', 'broadcast.json'), 'utf8');

function vectorOf(version: number, origin = 'dc1.1') {
  return { [origin]: { version, counts: { like: version } } };
}

/** A state of the video, and the likes counted since the state before. */
function update(version: number, ...counted: string[]): Publication {
  return { update: { channel: VIDEO, t: version, vector: vectorOf(version) }, counted };
}

const likes = (count: number) => Array.from({ length: count }, (_, at) => `like-${at}`);

function broadcasting() {
  const clock = new VirtualClock();
  const appended: [string, readonly LogEntry[]][] = [];
  const failures: string[] = [];
  const log = {
    held: undefined as Promise<void> | undefined,
    isAway: false,
    append: async (topic: string, entries: readonly LogEntry[]) => {
      await log.held;
      if (log.isAway) throw new Error('away');
      appended.push([topic, entries]);
      return entries.map((_, at) => at);
    },
  };
  const failed = (doing: string): number => failures.push(doing);
  const broadcast = new PeerPublisher({ log, origin: 'dc1.1', clock, failed });
  const told = () =>
    appended.map(([, entries]) => entries.map(({ value }) => JSON.parse(value).state.version));
  const values = () => appended.flatMap(([, entries]) => entries.map(({ value }) => value));
  const taken = () => values().map((value) => JSON.parse(value).taken);
  return { appended, broadcast, clock, failures, log, taken, told };
}

describe('Broadcast', () => {
  it('tells others of our own origin alone', async () => {
    const { appended, broadcast } = broadcasting();
    const both = { ...vectorOf(9, 'dc2.1'), ...vectorOf(3) };
    broadcast.publish([{ update: { channel: VIDEO, t: 3, vector: both }, counted: [] }]);
    const theirs = { channel: 'video:2', t: 4, vector: vectorOf(4, 'dc2.1') };
    broadcast.publish([{ update: theirs, counted: [] }]);
    await settled();
    const value = JSON.stringify({ origin: 'dc1.1', state: vectorOf(3)['dc1.1'], t: 3 });
    const entry = { key: VIDEO, value };
    expect(appended).toEqual([['updates', [entry]]]);
  });

  it('makes one append at a time, and tells only the newest of what waits', async () => {
    const { broadcast, log, told } = broadcasting();
    const { promise, resolve } = deferred<void>();
    log.held = promise;
    for (const version of [1, 2, 3]) broadcast.publish([update(version)]);
    resolve();
    await settled();
    expect(told()).toEqual([[1], [3]]);
  });

  it('tells again what could not be told, with what came meanwhile', async () => {
    const { broadcast, clock, failures, log, told } = broadcasting();
    log.isAway = true;
    broadcast.publish([update(1)]);
    await settled();
    log.isAway = false;
    await clock.advance(1_000);
    await settled();
    expect(failures).toEqual(['broadcast']);
    expect(told()).toEqual([[1]]);
  });
});

describe('the ids that were counted', () => {
  it('are told by reaction, each once', async () => {
    const { broadcast, taken } = broadcasting();
    broadcast.publish([update(1, 'a', 'b')]);
    await settled();
    broadcast.publish([update(2)]);
    await settled();
    expect(taken()).toEqual([['a', 'b'], undefined]);
  });

  it('are told again of an append that failed, and what came meanwhile', async () => {
    const { broadcast, clock, log, taken } = broadcasting();
    log.isAway = true;
    broadcast.publish([update(1, 'a')]);
    await settled();
    broadcast.publish([update(2, 'b')]);
    log.isAway = false;
    await clock.advance(1_000);
    await settled();
    const ids = taken().flat();
    expect(ids.sort()).toEqual(['a', 'b']);
  });

  it('are several records when they are many, each with the state', async () => {
    const { broadcast, taken, told } = broadcasting();
    broadcast.publish([update(1, ...likes(5_001))]);
    await settled();
    expect(taken().map((of) => of.length)).toEqual([5_000, 1]);
    expect(told()).toEqual([[1, 1]]);
  });

  it('fill it while too many wait, and no more once they were told', async () => {
    const { broadcast, log } = broadcasting();
    const { promise, resolve } = deferred<void>();
    log.held = promise;
    broadcast.publish([update(1)]);
    broadcast.publish([{ ...update(2), counted: likes(MAX_PENDING_IDS + 1) }]);
    expect(broadcast.isFull).toBe(true);
    resolve();
    await broadcast.published();
    expect(broadcast.isFull).toBe(false);
  });
});

describe('what was given', () => {
  it('is told once it is in the log', async () => {
    const { appended, broadcast, log } = broadcasting();
    await broadcast.published();
    const { promise, resolve } = deferred<void>();
    log.held = promise;
    broadcast.publish([update(1)]);
    broadcast.publish([update(2)]);
    const told = broadcast.published().then(() => appended.length);
    resolve();
    expect(await told).toBe(2);
  });

  it('is published even if an empty update arrives during an append', async () => {
    const { broadcast, log } = broadcasting();
    const { promise, resolve } = deferred<void>();
    log.held = promise;
    broadcast.publish([update(1)]);
    broadcast.publish([]);
    const told = broadcast.published();
    resolve();
    await expect(told).resolves.toBeUndefined();
  });

  it('is not told when it cannot be put there, or it is closed', async () => {
    const { broadcast, log } = broadcasting();
    log.isAway = true;
    broadcast.publish([update(1)]);
    await expect(broadcast.published()).rejects.toThrow('away');
    const told = broadcast.published();
    broadcast.close();
    await expect(told).rejects.toMatchObject({ code: 'log_unavailable' });
  });
});

describe('a record', () => {
  it('is read as it always was', () => {
    const { origin, state, ...rest } = JSON.parse(GOLDEN);
    const vector = { [origin]: state };
    const told = { channel: VIDEO, vector, origin, ...rest, isAgain: true };
    expect(parsePeerUpdate(VIDEO, GOLDEN, true)).toEqual(told);
    expect(() => parsePeerUpdate(VIDEO, '{"origin":"dc1.1"}', true)).toThrow();
  });

  it('is written as it always was', async () => {
    const { appended, broadcast } = broadcasting();
    const told = parsePeerUpdate(VIDEO, GOLDEN, false);
    broadcast.publish([{ update: told, counted: told.countedIds }]);
    await settled();
    expect(JSON.parse(appended[0]?.[1][0]?.value ?? '')).toEqual(JSON.parse(GOLDEN));
  });

  it('has ids without a state if only an earlier log counted likes of the channel', async () => {
    const { appended, broadcast } = broadcasting();
    const theirs = { channel: VIDEO, t: 3, vector: vectorOf(3, 'dc2.1') };
    broadcast.publish([{ update: theirs, counted: ['a'] }]);
    await settled();
    const value = appended[0]?.[1][0]?.value ?? '';
    expect(JSON.parse(value)).toEqual({ origin: 'dc1.1', t: 3, taken: ['a'] });
    expect(parsePeerUpdate(VIDEO, value, false)).toMatchObject({ vector: {}, taken: ['a'] });
  });
});
