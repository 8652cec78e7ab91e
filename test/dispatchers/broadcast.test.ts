import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Broadcast } from '../../dispatchers/broadcast';
import { EmbeddedCache } from '../../dispatchers/embedded-cache';
import { whole } from '../../dispatchers/whole';
import type { LogEntry } from '../../producers/log';
import { updateFrom } from '../../schemas/broadcast';
import type { Update } from '../../schemas/delivery';
import { partitionOf } from '../../schemas/topics';
import { deferred, settled } from '../fixtures/deferred';
import { VirtualClock } from '../simulation/virtual-clock';

const VIDEO = 'video:1';
const GOLDEN = readFileSync(join(__dirname, '..', 'fixtures', 'broadcast.json'), 'utf8');

function update(version: number, origin = 'dc1.1', channel = VIDEO): Update {
  return { channel, t: version, vector: { [origin]: { version, counts: { like: version } } } };
}

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
  const broadcast = new Broadcast({ log, origin: 'dc1.1', clock, failed });
  const told = () =>
    appended.map(([, entries]) => entries.map(({ value }) => JSON.parse(value).state.version));
  return { appended, broadcast, clock, failures, log, told };
}

describe('Broadcast', () => {
  it('tells others of our own origin alone, in the channel’s partition', async () => {
    const { appended, broadcast } = broadcasting();
    const { vector } = update(9, 'dc2.1');
    broadcast.changed([{ ...update(3), vector: { ...vector, ...update(3).vector } }]);
    broadcast.changed([update(4, 'dc2.1', 'video:2')]);
    await settled();
    const value = JSON.stringify({ origin: 'dc1.1', state: update(3).vector['dc1.1'], t: 3 });
    const entry = { partition: partitionOf(VIDEO), key: VIDEO, value };
    expect(appended).toEqual([['updates', [entry]]]);
  });

  it('makes one append at a time, and tells only the newest of what waits', async () => {
    const { broadcast, log, told } = broadcasting();
    const { promise, resolve } = deferred<void>();
    log.held = promise;
    for (const version of [1, 2, 3]) broadcast.changed([update(version)]);
    resolve();
    await settled();
    expect(told()).toEqual([[1], [3]]);
  });

  it('tells again what could not be told, with what came meanwhile', async () => {
    const { broadcast, clock, failures, log, told } = broadcasting();
    log.isAway = true;
    broadcast.changed([update(1)]);
    await settled();
    log.isAway = false;
    await clock.advance(1_000);
    await settled();
    expect(failures).toEqual(['broadcast']);
    expect(told()).toEqual([[1]]);
  });

  it('has a record that is read as it always was', () => {
    const { origin, state, t } = JSON.parse(GOLDEN);
    expect(updateFrom(VIDEO, GOLDEN)).toEqual({ channel: VIDEO, vector: { [origin]: state }, t });
    expect(() => updateFrom(VIDEO, '{"origin":"dc1.1"}')).toThrow();
  });

  it('has a record that is written as it always was', async () => {
    const { appended, broadcast } = broadcasting();
    broadcast.changed([updateFrom(VIDEO, GOLDEN)]);
    await settled();
    expect(JSON.parse(appended[0]?.[1][0]?.value ?? '')).toEqual(JSON.parse(GOLDEN));
  });
});

describe('an update that lacks other origins', () => {
  const saved = { channel: VIDEO, origin: 'dc2.1', version: 7, counts: { like: 7 } };
  const states = { load: async () => [saved], save: async () => undefined };

  it('is completed by what is saved where nothing is cached', async () => {
    const [complete] = await whole([update(3)], { cache: new EmbeddedCache(), states });
    expect(complete?.vector).toEqual({ ...update(3).vector, ...update(7, 'dc2.1').vector });
  });

  it('is completed by what is cached, which is whole', async () => {
    const cache = new EmbeddedCache();
    await cache.put(new Map([[VIDEO, update(9, 'dc2.1').vector]]));
    const [complete] = await whole([update(3)], { cache, states });
    expect(complete?.vector).toEqual({ ...update(3).vector, ...update(9, 'dc2.1').vector });
  });
});
