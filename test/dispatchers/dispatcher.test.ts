import { EmbeddedDirectory } from '../../adapters/embedded/directory';
import { EmbeddedLeases } from '../../adapters/embedded/leases';
import { EmbeddedCache } from '../../adapters/embedded/state-cache';
import type { LogConsumer, LogSource } from '../../adapters/log-source';
import { Dispatcher, type DispatcherOptions } from '../../dispatchers/dispatcher';
import type { Update } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { LoggedType } from '../../schemas/event-type';
import { UNMEASURED } from '../../schemas/measures';
import { settled } from '../fixtures/deferred';
import { logged, loggedTogether, VIDEO } from '../fixtures/records';
import { FakeLog, FakeStore } from '../producers/parts';
import { FakeStates, ground, types } from './parts';

/** The log of a type, whose owner the test calls. */
class FakeSource implements LogSource {
  owner: LogConsumer | undefined;
  readonly failing = new Set<'start' | 'stop'>();
  readonly committed: number[] = [];

  async start(owner: LogConsumer): Promise<void> {
    if (this.failing.has('start')) throw new LikestreamError('log_unavailable');
    this.owner = owner;
    owner.assigned(0, { done: 0, from: 0, end: 0 });
  }

  async commit(_: number, { done }: { readonly done: number }): Promise<void> {
    this.committed.push(done);
  }

  async verifyEnd(_: number, known: number): Promise<number> {
    return known;
  }

  async stop(): Promise<void> {
    if (this.failing.has('stop')) throw new LikestreamError('log_unavailable');
    await this.owner?.revoked(0);
  }

  consume(offset: number, reaction = 'like'): Promise<void> {
    return this.owner?.records(0, [logged(offset, { reaction })]) ?? Promise.resolve();
  }
}

/** A dispatcher of the likes, votes and views of the test; each type has its own log and rows. */
function dispatching(options: Partial<DispatcherOptions> = {}) {
  const { clock } = ground();
  const cache = new EmbeddedCache(types);
  const [states, failures] = [new FakeStates(), [] as string[]];
  const sources = new Map<string, FakeSource>(
    types.logged.map(({ name }) => [name, new FakeSource()]),
  );
  const rows = new Map(types.logged.map(({ name }) => [name, new FakeStore()]));
  const of = <Part>(parts: ReadonlyMap<string, Part>, { name }: Pick<LoggedType, 'name'>): Part => {
    const part = parts.get(name);
    if (!part) throw new Error(name);
    return part;
  };
  const delivered: Update[] = [];
  const worker = { id: 'ann', url: '' };
  const dispatcher = new Dispatcher({
    ...{ types, cache, clock, states, origin: 'dc1.1', secret: 'secret' },
    sourceOf: (type) => of(sources, type),
    rowsOf: (type) => of(rows, type),
    directory: new EmbeddedDirectory(cache),
    leases: new EmbeddedLeases(),
    workers: { watching: async (channels) => channels.map(() => [worker]) },
    gateway: { deliver: async (_, updates) => void delivered.push(...updates) },
    dedupe: ground().dedupe,
    failed: (doing) => failures.push(doing),
    ...options,
  });
  const source = (name: string) => of(sources, { name });
  return { cache, clock, delivered, dispatcher, failures, rows, source, states };
}

describe('a dispatcher of several types', () => {
  it('counts each log into its own feed of a channel, and delivers both', async () => {
    const { cache, clock, delivered, dispatcher, source, states } = dispatching();
    await dispatcher.start();
    await source('likes').consume(0, 'love');
    await source('views').consume(5);
    await clock.advance(0);
    const vector = (version: number, state: object) => ({ 'dc1.1': { version, state } });
    const feeds = { likes: vector(0, { love: 1 }), views: vector(5, { like: 1 }) };
    expect((await cache.get([VIDEO])).get(VIDEO)).toEqual(feeds);
    expect(delivered.map(({ type }) => type).sort()).toEqual(['likes', 'views']);
    await dispatcher.stop();
    expect([...states.cells.values()].map(({ type }) => type).sort()).toEqual(['likes', 'views']);
  });

  it('dispatches what it has counted before it stops', async () => {
    const { cache, delivered, dispatcher, source } = dispatching();
    await dispatcher.start();
    await source('likes').consume(0, 'love');
    await dispatcher.stop();
    const feeds = { likes: { 'dc1.1': { version: 0, state: { love: 1 } } } };
    expect((await cache.get([VIDEO])).get(VIDEO)).toEqual(feeds);
    expect(delivered).toHaveLength(1);
  });

  it('measures each type by its name', async () => {
    const measured: unknown[] = [];
    const note = (...of: unknown[]) => void measured.push(of);
    const measures = { ...UNMEASURED, folded: note, peerUpdate: note };
    const { clock, dispatcher, source } = dispatching({ log: new FakeLog(), measures });
    await dispatcher.start();
    await source('likes').owner?.records(0, [loggedTogether(0, [{}, {}])]);
    await source('views').consume(0);
    const peer = { origin: 'dc2.1', countedIds: [], isReplay: false, vector: {} };
    const update = { ...peer, channel: VIDEO, type: 'views', t: clock.now() - 7 };
    await source('views').owner?.applyPeerUpdates(0, [update, { ...update, isReplay: true }]);
    expect(measured).toEqual([
      ['likes', 2],
      ['views', 1],
      ['views', 'dc2', 7],
    ]);
    await dispatcher.stop();
  });

  it('writes the feeds of all types into the cache again', async () => {
    const put: string[][] = [];
    const inner = new EmbeddedCache(types);
    const cache = {
      get: (of: readonly string[]) => inner.get(of),
      async put(of: Parameters<typeof inner.put>[0]) {
        put.push([...of.values()].flatMap((feeds) => Object.keys(feeds)));
        return undefined;
      },
    };
    const { clock, dispatcher, source } = dispatching({ cache });
    await dispatcher.start();
    await source('likes').consume(0);
    await source('views').consume(0);
    await clock.advance(0);
    put.length = 0;
    dispatcher.refillCache();
    await clock.advance(1_000);
    expect(put).toEqual([['likes', 'views']]);
    await dispatcher.stop();
  });
});

describe('a type that fails', () => {
  it('counts and commits one type although another one cannot be counted', async () => {
    const { clock, dispatcher, failures, rows, source, states } = dispatching();
    const votes = rows.get('votes');
    if (votes) votes.isUnavailable = true;
    await dispatcher.start();
    const vote = logged(0, { id: 'ann' });
    const value = vote.value.replace('"reaction":"like"', '"option":"yes"');
    const counting = source('votes').owner?.records(0, [{ ...vote, value }]);
    await expect(counting).rejects.toMatchObject({ code: 'store_unavailable' });
    await source('likes').owner?.records(0, [logged(0), logged(1, { stored: 1 })]);
    await clock.advance(10_000);
    expect(states.total(VIDEO)).toBe(2);
    expect(source('likes').committed.at(-1)).toBe(2);
    expect(failures).toEqual(['consume records']);
    await dispatcher.stop();
  });

  it('starts and stops each type although another one fails', async () => {
    const { dispatcher, source, states } = dispatching();
    source('votes').failing.add('start');
    await expect(dispatcher.start()).rejects.toMatchObject({ code: 'log_unavailable' });
    await source('likes').consume(0);
    source('views').failing.add('stop');
    await expect(dispatcher.stop()).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(states.total(VIDEO)).toBe(1);
  });
});

describe('the updates for other datacenters', () => {
  it('are appended to the log of updates of their type, with ids only if it is exact', async () => {
    const log = new FakeLog();
    const appended: [string, unknown][] = [];
    const append: FakeLog['append'] = async (name, entries) => {
      for (const { value } of entries) appended.push([name, JSON.parse(value).ids]);
      return log.append(name, entries);
    };
    const { dispatcher, source } = dispatching({ log: { append } });
    await dispatcher.start();
    await source('likes').consume(0);
    await source('views').consume(0);
    await settled();
    expect(appended).toEqual([
      ['updates.likes', ['like-0']],
      ['updates.views', undefined],
    ]);
    await dispatcher.stop();
  });
});
