import { Fold } from '../../../dispatchers/owner/fold';
import { deferred, settled } from '../../fixtures/deferred';
import { VIDEO } from '../../fixtures/records';
import { FakeStates, ORIGIN } from '../parts';

async function loaded(states = new FakeStates(), ...channels: string[]) {
  const fold = new Fold(ORIGIN, states);
  await fold.load(new Set(channels.length > 0 ? channels : [VIDEO]));
  return { fold, states };
}

describe('Fold', () => {
  it('counts by reaction, with the version of the last offset', async () => {
    const { fold } = await loaded();
    fold.count(VIDEO, 'like', 0);
    fold.count(VIDEO, 'love', 3);
    fold.count(VIDEO, 'like', 7);
    expect(fold.vector(VIDEO)).toEqual({ [ORIGIN]: { version: 7, counts: { like: 2, love: 1 } } });
  });

  it('skips offsets up to the version of the saved state', async () => {
    const states = new FakeStates();
    await states.save([{ channel: VIDEO, origin: ORIGIN, version: 5, counts: { like: 4 } }]);
    const { fold } = await loaded(states);
    for (const offset of [3, 4, 5]) fold.count(VIDEO, 'like', offset);
    expect(fold.vector(VIDEO)[ORIGIN]).toEqual({ version: 5, counts: { like: 4 } });
    fold.count(VIDEO, 'like', 6);
    expect(fold.vector(VIDEO)[ORIGIN]).toEqual({ version: 6, counts: { like: 5 } });
  });

  it('keeps the states of other origins, and does not save them', async () => {
    const states = new FakeStates();
    const frozen = { channel: VIDEO, origin: 'dc1.0', version: 90, counts: { like: 80 } };
    await states.save([frozen]);
    const { fold } = await loaded(states);
    fold.count(VIDEO, 'like', 0);
    expect(Object.keys(fold.vector(VIDEO)).sort()).toEqual(['dc1.0', ORIGIN]);
    await fold.save();
    expect([...states.cells.values()].filter(({ origin }) => origin === 'dc1.0')).toEqual([frozen]);
    expect(states.total(VIDEO)).toBe(1);
  });
});

describe('saving', () => {
  it('saves a changed state once', async () => {
    const { fold, states } = await loaded();
    expect(fold.dirty).toBe(false);
    fold.count(VIDEO, 'like', 4);
    expect(fold.dirty).toBe(true);
    await fold.save();
    expect(fold.dirty).toBe(false);
    const saved = { channel: VIDEO, origin: ORIGIN, version: 4, counts: { like: 1 } };
    expect([...states.cells.values()]).toEqual([saved]);
  });

  it('stays dirty if a like is counted during the save', async () => {
    const { fold, states } = await loaded();
    fold.count(VIDEO, 'like', 1);
    const written = deferred();
    states.until = written.promise;
    const saving = fold.save();
    await settled();
    fold.count(VIDEO, 'like', 2);
    written.resolve();
    await saving;
    expect(fold.dirty).toBe(true);
    await fold.save();
    expect([fold.dirty, states.total(VIDEO)]).toEqual([false, 2]);
  });

  it('stays dirty if the save fails', async () => {
    const { fold, states } = await loaded();
    fold.count(VIDEO, 'like', 1);
    states.isUnavailable = true;
    await expect(fold.save()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(fold.dirty).toBe(true);
    states.isUnavailable = false;
    await fold.save();
    expect(states.total(VIDEO)).toBe(1);
  });

  it('advances the version over a skipped copy, without a change of the counts', async () => {
    const { fold, states } = await loaded();
    fold.count(VIDEO, 'like', 1);
    fold.skipCopy(VIDEO, 2);
    expect(fold.vector(VIDEO)[ORIGIN]).toEqual({ version: 2, counts: { like: 1 } });
    fold.skipCopy(VIDEO, 1);
    expect(fold.vector(VIDEO)[ORIGIN]?.version).toBe(2);
    await fold.save();
    expect(states.cells.get(`${VIDEO}/${ORIGIN}`)?.version).toBe(2);
  });
});

describe('loading', () => {
  it('reads each channel once', async () => {
    const { fold, states } = await loaded();
    await fold.load(new Set([VIDEO, 'video:43']));
    await fold.load(new Set([VIDEO]));
    expect(states.loads).toEqual([[VIDEO], ['video:43']]);
  });

  it('does not replace a state that was counted during a slow load', async () => {
    const states = new FakeStates();
    const fold = new Fold(ORIGIN, states);
    const read = deferred();
    states.loadUntil = read.promise;
    const [slow, quick] = [fold.load(new Set([VIDEO])), fold.load(new Set([VIDEO]))];
    read.resolve();
    await quick;
    fold.count(VIDEO, 'like', 0);
    await slow;
    expect(fold.vector(VIDEO)[ORIGIN]?.version).toBe(0);
  });

  it('rejects if the saved state cannot be read, and reads it the next time', async () => {
    const states = new FakeStates();
    const fold = new Fold(ORIGIN, states);
    states.isUnavailable = true;
    await expect(fold.load(new Set([VIDEO]))).rejects.toMatchObject({ code: 'store_unavailable' });
    states.isUnavailable = false;
    await fold.load(new Set([VIDEO]));
    fold.count(VIDEO, 'like', 0);
    expect(fold.vector(VIDEO)[ORIGIN]?.version).toBe(0);
  });

  it('keeps the greatest `lookUpUntil`', async () => {
    const { fold, states } = await loaded();
    expect(fold.lookUpUntil(VIDEO)).toBe(0);
    fold.count(VIDEO, 'like', 1, 5_000);
    fold.count(VIDEO, 'like', 2, 3_000);
    fold.count(VIDEO, 'like', 3);
    expect(fold.lookUpUntil(VIDEO)).toBe(5_000);
    await fold.save();
    const { fold: successor } = await loaded(states);
    expect(successor.lookUpUntil(VIDEO)).toBe(5_000);
  });
});
