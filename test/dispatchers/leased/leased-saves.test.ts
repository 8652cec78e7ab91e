import { LeasedSaves } from '../../../dispatchers/leased/leased-saves';
import { LikestreamError } from '../../../schemas/errors';
import type { Feeds, State } from '../../../schemas/state';
import { hidden, levels, stays } from '../../contract/leased-types';
import { deferred } from '../../fixtures/deferred';
import { VirtualClock } from '../../simulation/virtual-clock';

const ORIGIN = 'dc1.0';

function saving() {
  const clock = new VirtualClock();
  const cached = new Map<string, Feeds>();
  const saves: (readonly State[])[] = [];
  const failures: string[] = [];
  /** Reads wait for `until`. */
  const trouble = { isUnavailable: false, until: Promise.resolve() };
  const saved = new LeasedSaves({
    clock,
    origin: ORIGIN,
    cache: {
      get: async (channels) => {
        const { isUnavailable } = trouble;
        await trouble.until;
        if (isUnavailable) throw new LikestreamError('directory_unavailable');
        return new Map([...cached].filter(([channel]) => channels.includes(channel)));
      },
    },
    states: { save: async (states) => void saves.push(states) },
    savedOf: (_, { version }) => ({ version, state: 'saved' }),
    failed: (doing) => failures.push(doing),
  });
  const cache = (channel: string, version: number) =>
    cached.set(channel, { [levels.name]: { [ORIGIN]: { version, state: 'cached' } } });
  return { cache, clock, failures, saved, saves, trouble };
}

function state(channel: string, version: number): State {
  return { channel, type: levels.name, origin: ORIGIN, version, state: 'saved' };
}

describe('LeasedSaves', () => {
  it('save a feed once in its time, with the newest state of the cache', async () => {
    const { cache, clock, saved, saves } = saving();
    for (let version = 1; version <= 70; version++) {
      cache('video:1', version);
      saved.add(levels, 'video:1');
      await clock.advance(1_000);
    }
    expect(saves).toEqual([[state('video:1', 60)]]);
    await clock.advance(60_000);
    expect(saves.slice(1)).toEqual([[state('video:1', 70)]]);
    await clock.advance(600_000);
    expect(saves).toHaveLength(2);
  });

  it('save many feeds in batches, and nothing of types that are not saved', async () => {
    const { cache, clock, saved, saves } = saving();
    for (let at = 0; at < 1_000; at++) {
      cache(`video:${at}`, at);
      saved.add(levels, `video:${at}`);
      saved.add(stays, `video:${at}`);
    }
    await clock.advance(62_000);
    expect(saves.map(({ length }) => length)).toEqual([200, 200, 200, 200, 200]);
  });

  it('leave out feeds that the cache has lost', async () => {
    const { cache, clock, saved, saves } = saving();
    cache('video:1', 1);
    saved.add(hidden, 'video:1');
    saved.add(levels, 'video:2');
    await clock.advance(62_000);
    expect(saves).toEqual([]);
  });

  it('save again after a failure', async () => {
    const { cache, clock, failures, saved, saves, trouble } = saving();
    cache('video:1', 1);
    saved.add(levels, 'video:1');
    trouble.isUnavailable = true;
    await clock.advance(62_000);
    expect([failures, saves]).toEqual([['save'], []]);
    trouble.isUnavailable = false;
    await clock.advance(62_000);
    expect(saves).toEqual([[state('video:1', 1)]]);
  });

  it('save all that waits at the end, and nothing afterwards', async () => {
    const { cache, clock, failures, saved, saves, trouble } = saving();
    cache('video:1', 1);
    saved.add(levels, 'video:1');
    await saved.finish();
    expect(saves).toEqual([[state('video:1', 1)]]);
    saved.add(levels, 'video:1');
    await clock.advance(100_000);
    expect(saves).toHaveLength(1);
    trouble.isUnavailable = true;
    await saved.finish();
    expect(failures).toEqual([]);
  });

  it('save early if too many wait', async () => {
    const { cache, clock, saved, saves } = saving();
    for (let at = 0; at < 100_200; at++) saved.add(levels, `video:${at}`);
    for (let at = 0; at < 200; at++) cache(`video:${at}`, 1);
    await clock.advance(1_100);
    expect(saves.flat()).toHaveLength(200);
  });
});

describe('the end of LeasedSaves', () => {
  it('saves what failed while the end came', async () => {
    const { cache, clock, saved, saves, trouble } = saving();
    cache('video:1', 7);
    saved.add(levels, 'video:1');
    trouble.isUnavailable = true;
    const ending = deferred();
    trouble.until = ending.promise;
    await clock.advance(62_000);
    const finished = saved.finish();
    trouble.isUnavailable = false;
    ending.resolve();
    await finished;
    expect(saves).toEqual([[state('video:1', 7)]]);
  });
});
