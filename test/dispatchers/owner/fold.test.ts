import { Fold } from '../../../dispatchers/owner/fold';
import { likes } from '../../../schemas/likes';
import { deferred, settled } from '../../fixtures/deferred';
import { VIDEO } from '../../fixtures/records';
import { counted, FakeStates, ORIGIN, types } from '../parts';

const LIKES = { channel: VIDEO, type: 'likes' };

/** An entry of the log, as far as the fold reads it. */
const an = (reaction: string) => ({
  entry: { id: 'a', memberId: 'ann', at: 1, body: { reaction } },
});

const newFold = (states: FakeStates) => new Fold({ origin: ORIGIN, type: likes, types, states });

async function loaded(states = new FakeStates(), ...channels: string[]) {
  const fold = newFold(states);
  await fold.load(new Set(channels.length > 0 ? channels : [VIDEO]));
  return { fold, states };
}

describe('Fold', () => {
  it('counts by reaction, with the version of the last offset', async () => {
    const { fold } = await loaded();
    fold.count(VIDEO, [an('like')], 0);
    fold.count(VIDEO, [an('love')], 3);
    fold.count(VIDEO, [an('like')], 7);
    expect(fold.vector(VIDEO)).toEqual({ [ORIGIN]: counted(7, { like: 2, love: 1 }) });
  });

  it('folds the entries of one record together, once', async () => {
    const { fold } = await loaded();
    fold.count(VIDEO, [an('like')], 0);
    fold.count(VIDEO, [an('like'), an('love'), an('love')], 4);
    expect(fold.vector(VIDEO)).toEqual({ [ORIGIN]: counted(4, { like: 2, love: 2 }) });
    fold.count(VIDEO, [an('like'), an('love'), an('love')], 4);
    expect(fold.vector(VIDEO)).toEqual({ [ORIGIN]: counted(4, { like: 2, love: 2 }) });
  });

  it('skips offsets up to the version of the saved state', async () => {
    const states = new FakeStates();
    await states.save([{ ...LIKES, origin: ORIGIN, ...counted(5, { like: 4 }) }]);
    const { fold } = await loaded(states);
    for (const offset of [3, 4, 5]) fold.count(VIDEO, [an('like')], offset);
    expect(fold.vector(VIDEO)[ORIGIN]).toEqual(counted(5, { like: 4 }));
    fold.count(VIDEO, [an('like')], 6);
    expect(fold.vector(VIDEO)[ORIGIN]).toEqual(counted(6, { like: 5 }));
  });

  it('keeps the states of other origins, and does not save them', async () => {
    const states = new FakeStates();
    const frozen = { ...LIKES, origin: 'dc1.0', ...counted(90, { like: 80 }) };
    await states.save([frozen]);
    const { fold } = await loaded(states);
    fold.count(VIDEO, [an('like')], 0);
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
    fold.count(VIDEO, [an('like')], 4);
    expect(fold.dirty).toBe(true);
    await fold.save();
    expect(fold.dirty).toBe(false);
    const saved = { ...LIKES, origin: ORIGIN, ...counted(4, { like: 1 }) };
    expect([...states.cells.values()]).toEqual([saved]);
  });

  it('stays dirty if a like is counted during the save', async () => {
    const { fold, states } = await loaded();
    fold.count(VIDEO, [an('like')], 1);
    const written = deferred();
    states.until = written.promise;
    const saving = fold.save();
    await settled();
    fold.count(VIDEO, [an('like')], 2);
    written.resolve();
    await saving;
    expect(fold.dirty).toBe(true);
    await fold.save();
    expect([fold.dirty, states.total(VIDEO)]).toEqual([false, 2]);
  });

  it('stays dirty if the save fails', async () => {
    const { fold, states } = await loaded();
    fold.count(VIDEO, [an('like')], 1);
    states.isUnavailable = true;
    await expect(fold.save()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(fold.dirty).toBe(true);
    states.isUnavailable = false;
    await fold.save();
    expect(states.total(VIDEO)).toBe(1);
  });

  it('advances the version over a skipped copy, without a change of the counts', async () => {
    const { fold, states } = await loaded();
    fold.count(VIDEO, [an('like')], 1);
    fold.skipCopy(VIDEO, 2);
    expect(fold.vector(VIDEO)[ORIGIN]).toEqual(counted(2, { like: 1 }));
    fold.skipCopy(VIDEO, 1);
    expect(fold.vector(VIDEO)[ORIGIN]?.version).toBe(2);
    await fold.save();
    expect(states.own(VIDEO)?.version).toBe(2);
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
    const fold = newFold(states);
    const read = deferred();
    states.loadUntil = read.promise;
    const [slow, quick] = [fold.load(new Set([VIDEO])), fold.load(new Set([VIDEO]))];
    read.resolve();
    await quick;
    fold.count(VIDEO, [an('like')], 0);
    await slow;
    expect(fold.vector(VIDEO)[ORIGIN]?.version).toBe(0);
  });

  it('rejects if the saved state cannot be read, and reads it the next time', async () => {
    const states = new FakeStates();
    const fold = newFold(states);
    states.isUnavailable = true;
    await expect(fold.load(new Set([VIDEO]))).rejects.toMatchObject({ code: 'store_unavailable' });
    states.isUnavailable = false;
    await fold.load(new Set([VIDEO]));
    fold.count(VIDEO, [an('like')], 0);
    expect(fold.vector(VIDEO)[ORIGIN]?.version).toBe(0);
  });

  it('reads the states of its own type only', async () => {
    const states = new FakeStates();
    await states.save([{ ...LIKES, type: 'votes', origin: ORIGIN, ...counted(9, { yes: 4 }) }]);
    const { fold } = await loaded(states);
    expect(fold.vector(VIDEO)).toEqual({});
    fold.count(VIDEO, [an('like')], 3);
    await fold.save();
    expect([...states.cells.values()].map(({ type, version }) => [type, version])).toEqual([
      ['votes', 9],
      ['likes', 3],
    ]);
  });

  it('rejects if a saved state has not the shape of its type', async () => {
    const states = new FakeStates();
    await states.save([{ ...LIKES, origin: 'dc2.1', version: 9, state: [1, 2] }]);
    await expect(newFold(states).load(new Set([VIDEO]))).rejects.toThrow('invalid');
  });

  it('keeps the greatest `lookUpUntil`', async () => {
    const { fold, states } = await loaded();
    expect(fold.lookUpUntil(VIDEO)).toBe(0);
    fold.count(VIDEO, [an('like')], 1, 5_000);
    fold.count(VIDEO, [an('like')], 2, 3_000);
    fold.count(VIDEO, [an('like')], 3);
    expect(fold.lookUpUntil(VIDEO)).toBe(5_000);
    await fold.save();
    const { fold: successor } = await loaded(states);
    expect(successor.lookUpUntil(VIDEO)).toBe(5_000);
  });
});
