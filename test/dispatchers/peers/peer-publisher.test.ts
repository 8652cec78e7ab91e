import type { LogEntry } from '../../../adapters/event-log';
import { MAX_PENDING_IDS, PeerPublisher } from '../../../dispatchers/peers/peer-publisher';
import { likes } from '../../../schemas/likes';
import { type Publication, parsePeerUpdate } from '../../../schemas/peer-update';
import { deferred, settled } from '../../fixtures/deferred';
import { golden } from '../../fixtures/records';
import { VirtualClock } from '../../simulation/virtual-clock';
import { counted, types } from '../parts';

const VIDEO = 'video:1';
const LIKES = { channel: VIDEO, type: 'likes' };
const GOLDEN = golden('broadcast.json');

function vectorOf(version: number, origin = 'dc1.1') {
  return { [origin]: counted(version, { like: version }) };
}

/** A state of the video, and the likes counted since the state before. */
function update(version: number, ...counted: string[]): Publication {
  return {
    update: { channel: VIDEO, type: 'likes', t: version, vector: vectorOf(version) },
    counted,
  };
}

const ids = (count: number) => Array.from({ length: count }, (_, at) => `like-${at}`);

function publishing() {
  const clock = new VirtualClock();
  const appended: [string, readonly LogEntry[]][] = [];
  const failures: string[] = [];
  const log = {
    held: undefined as Promise<void> | undefined,
    isUnavailable: false,
    append: async (topic: string, entries: readonly LogEntry[]) => {
      await log.held;
      if (log.isUnavailable) throw new Error('unavailable');
      appended.push([topic, entries]);
      return entries.map((_, at) => at);
    },
  };
  const failed = (doing: string): number => failures.push(doing);
  const publisher = new PeerPublisher({ type: likes, types, log, origin: 'dc1.1', clock, failed });
  const versions = () =>
    appended.map(([, entries]) => entries.map(({ value }) => JSON.parse(value).state.version));
  const values = () => appended.flatMap(([, entries]) => entries.map(({ value }) => value));
  const countedIds = () => values().map((value) => JSON.parse(value).ids);
  return { appended, clock, countedIds, failures, log, publisher, versions };
}

it('publishes all deleted ids of publications that wait', async () => {
  const { appended, log, publisher } = publishing();
  let release = (): void => undefined;
  log.held = new Promise((resolve) => {
    release = resolve;
  });
  publisher.publish([{ ...update(1), deleted: ['a'] }]);
  publisher.publish([{ ...update(2), deleted: ['b'] }]);
  publisher.publish([update(3)]);
  publisher.publish([{ ...update(4), deleted: ids(5_001) }]);
  release();
  await settled();
  const deleted = appended.flatMap(([, entries]) => {
    return entries.map(({ value }) => JSON.parse(value).deleted);
  });
  expect(deleted).toEqual([['a'], ['b', ...ids(4_999)], ['like-4999', 'like-5000']]);
});

describe('PeerPublisher', () => {
  it('publishes the states of our own origin only', async () => {
    const { appended, publisher } = publishing();
    const both = { ...vectorOf(9, 'dc2.1'), ...vectorOf(3) };
    publisher.publish([
      { update: { channel: VIDEO, type: 'likes', t: 3, vector: both }, counted: [] },
    ]);
    const peers = { channel: 'video:2', type: 'likes', t: 4, vector: vectorOf(4, 'dc2.1') };
    publisher.publish([{ update: peers, counted: [] }]);
    await settled();
    const value = JSON.stringify({ origin: 'dc1.1', state: vectorOf(3)['dc1.1'], t: 3 });
    const entry = { key: VIDEO, value };
    expect(appended).toEqual([['updates.likes', [entry]]]);
  });

  it('makes one append at a time, and publishes the newest pending state', async () => {
    const { log, publisher, versions } = publishing();
    const { promise, resolve } = deferred<void>();
    log.held = promise;
    for (const version of [1, 2, 3]) publisher.publish([update(version)]);
    resolve();
    await settled();
    expect(versions()).toEqual([[1], [3]]);
  });

  it('repeats a failed append', async () => {
    const { clock, failures, log, publisher, versions } = publishing();
    log.isUnavailable = true;
    publisher.publish([update(1)]);
    await settled();
    log.isUnavailable = false;
    await clock.advance(1_000);
    await settled();
    expect(failures).toEqual(['publish']);
    expect(versions()).toEqual([[1]]);
  });
});

describe('the ids that were counted', () => {
  it('are published once', async () => {
    const { countedIds, publisher } = publishing();
    publisher.publish([update(1, 'a', 'b')]);
    await settled();
    publisher.publish([update(2)]);
    await settled();
    expect(countedIds()).toEqual([['a', 'b'], undefined]);
  });

  it('are published again after a failed append, with those counted since', async () => {
    const { clock, countedIds, log, publisher } = publishing();
    log.isUnavailable = true;
    publisher.publish([update(1, 'a')]);
    await settled();
    publisher.publish([update(2, 'b')]);
    log.isUnavailable = false;
    await clock.advance(1_000);
    await settled();
    const ids = countedIds().flat();
    expect(ids.sort()).toEqual(['a', 'b']);
  });

  it('are divided among several records if they are many, each with the state', async () => {
    const { countedIds, publisher, versions } = publishing();
    publisher.publish([update(1, ...ids(5_001))]);
    await settled();
    expect(countedIds().map((of) => of.length)).toEqual([5_000, 1]);
    expect(versions()).toEqual([[1, 1]]);
  });

  it('make it full while too many are pending', async () => {
    const { log, publisher } = publishing();
    const { promise, resolve } = deferred<void>();
    log.held = promise;
    publisher.publish([update(1)]);
    publisher.publish([{ ...update(2), counted: ids(MAX_PENDING_IDS + 1) }]);
    expect(publisher.isFull).toBe(true);
    resolve();
    await publisher.published();
    expect(publisher.isFull).toBe(false);
  });
});

describe('published', () => {
  it('resolves once all publications are in the log', async () => {
    const { appended, log, publisher } = publishing();
    await publisher.published();
    const { promise, resolve } = deferred<void>();
    log.held = promise;
    publisher.publish([update(1)]);
    publisher.publish([update(2)]);
    const appends = publisher.published().then(() => appended.length);
    resolve();
    expect(await appends).toBe(2);
  });

  it('resolves even if nothing is published during an append', async () => {
    const { log, publisher } = publishing();
    const { promise, resolve } = deferred<void>();
    log.held = promise;
    publisher.publish([update(1)]);
    publisher.publish([]);
    const published = publisher.published();
    resolve();
    await expect(published).resolves.toBeUndefined();
  });

  it('rejects if an append fails or the publisher is closed', async () => {
    const { log, publisher } = publishing();
    log.isUnavailable = true;
    publisher.publish([update(1)]);
    await expect(publisher.published()).rejects.toThrow('unavailable');
    const published = publisher.published();
    publisher.close();
    await expect(published).rejects.toMatchObject({ code: 'log_unavailable' });
  });
});

describe('a record', () => {
  it('is read as in the golden file', () => {
    const { origin, state, t, ids: countedIds } = JSON.parse(GOLDEN);
    const vector = { [origin]: state };
    const update = { ...LIKES, vector, origin, t, countedIds, isReplay: true };
    expect(parsePeerUpdate(types, { ...LIKES, isReplay: true }, GOLDEN)).toEqual(update);
    expect(() =>
      parsePeerUpdate(types, { ...LIKES, isReplay: true }, '{"origin":"dc1.1"}'),
    ).toThrow();
  });

  it('is written as in the golden file', async () => {
    const { appended, publisher } = publishing();
    const update = parsePeerUpdate(types, { ...LIKES, isReplay: false }, GOLDEN);
    publisher.publish([{ update, counted: update.countedIds }]);
    await settled();
    expect(JSON.parse(appended[0]?.[1][0]?.value ?? '')).toEqual(JSON.parse(GOLDEN));
  });

  it('has ids without a state if only an earlier log counted likes of the channel', async () => {
    const { appended, publisher } = publishing();
    const peers = { channel: VIDEO, type: 'likes', t: 3, vector: vectorOf(3, 'dc2.1') };
    publisher.publish([{ update: peers, counted: ['a'] }]);
    await settled();
    const value = appended[0]?.[1][0]?.value ?? '';
    expect(JSON.parse(value)).toEqual({ origin: 'dc1.1', t: 3, ids: ['a'] });
    const parsed = parsePeerUpdate(types, { ...LIKES, isReplay: false }, value);
    expect(parsed).toMatchObject({ vector: {}, countedIds: ['a'] });
  });
});
