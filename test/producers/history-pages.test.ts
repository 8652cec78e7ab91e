import { range } from '../end-to-end/api';
import { idsOf, positions, single, TestHistory } from './history-parts';

describe('a page without parameters', () => {
  it.each([0, 3, 10])('has the newest entries first, if the state has %i of them', async (kept) => {
    const history = single(10, kept);
    const page = await history.load({ limit: 4 });
    expect(idsOf(page)).toEqual(['a10', 'a9', 'a8', 'a7']);
    expect(page.next).toEqual(positions({ 'dc1.1': 70 }));
    expect(page.reached).toEqual(positions({ 'dc1.1': 100 }));
  });

  it('has no next page after the first entry', async () => {
    expect((await single(4).load({ limit: 4 })).next).toBeUndefined();
    expect((await single(3, 3).load({ limit: 4 })).next).toBeUndefined();
    expect((await single(5).load({ limit: 4 })).next).toBeDefined();
  });

  it('of an unknown channel is empty', async () => {
    const page = await new TestHistory().load({});
    expect(page).toEqual({ entries: [], next: undefined, reached: new Map() });
  });

  it('has entries of the state whose rows are not written yet', async () => {
    const history = single(5, 2);
    for (const offset of [40, 50]) history.hiddenRows.add(`dc1.1@${offset}`);
    history.hiddenEntries.add('a5');
    expect(idsOf(await history.load({}))).toEqual(['a5', 'a4', 'a3', 'a2', 'a1']);
  });

  it('reads the store few times', async () => {
    const history = single(300, 256);
    await history.load({});
    expect([history.calls, history.read]).toEqual([1, 21]);
  });
});

describe('a page ends before what cannot be read', () => {
  it.each(['row', 'entry'])('a %s, newest first', async (what) => {
    const history = single(6, 1);
    if (what === 'row') history.hiddenRows.add('dc1.1@30');
    else history.hiddenEntries.add('a3');
    const page = await history.load({});
    expect(idsOf(page)).toEqual(['a6', 'a5', 'a4']);
    const later = await history.load({ before: page.next });
    expect([idsOf(later), later.next]).toEqual([[], page.next]);
    history.hiddenRows.clear();
    history.hiddenEntries.clear();
    expect(idsOf(await history.load({ before: page.next }))).toEqual(['a3', 'a2', 'a1']);
  });

  it.each(['row', 'entry'])('a %s, oldest first', async (what) => {
    const history = single(6, 1);
    if (what === 'row') history.hiddenRows.add('dc1.1@30');
    else history.hiddenEntries.add('a3');
    const page = await history.load({ after: positions({}) });
    expect(idsOf(page)).toEqual(['a1', 'a2']);
    expect(page.next).toEqual(positions({ 'dc1.1': 20 }));
    expect(page.reached).toEqual(page.next);
    history.hiddenRows.clear();
    history.hiddenEntries.clear();
    const later = await history.load({ after: page.next });
    expect(idsOf(later)).toEqual(['a3', 'a4', 'a5', 'a6']);
    expect(later.next).toBeUndefined();
  });

  it('also if the row before the position is the missing one', async () => {
    const history = single(6);
    history.hiddenRows.add('dc1.1@30');
    expect(idsOf(await history.load({ after: positions({ 'dc1.1': 30 }) }))).toEqual([]);
    expect(idsOf(await history.load({ before: positions({ 'dc1.1': 30 }) }))).toEqual([]);
  });

  it('and before what the newest state does not have yet', async () => {
    const history = single(3);
    const page = await history.load({ after: positions({}), upTo: positions({ 'dc1.1': 40 }) });
    expect(idsOf(page)).toEqual(['a1', 'a2', 'a3']);
    expect(page.next).toEqual(positions({ 'dc1.1': 30 }));
    const other = { after: positions({}), upTo: positions({ 'dc2.1': 5 }) };
    expect(await history.load(other)).toMatchObject({ entries: [], next: positions({}) });
  });
});

describe('pages of two origins', () => {
  function two(): TestHistory {
    const history = new TestHistory();
    history.add('dc1.1', 1, 'a1', 10);
    history.add('dc1.1', 2, 'a2', 30);
    history.add('dc1.1', 5, 'a3', 50);
    history.add('dc2.1', 1, 'b1', 20);
    history.add('dc2.1', 7, 'b2', 30);
    history.add('dc2.1', 8, 'b3', 25);
    history.add('dc2.1', 9, 'b4', 60);
    return history;
  }

  it('are merged by time, and each origin keeps its order', async () => {
    const expected = ['a1', 'b1', 'a2', 'b2', 'b3', 'a3', 'b4'];
    expect(idsOf(await two().load({ after: positions({}) }))).toEqual(expected);
    expect(idsOf(await two().load({}))).toEqual(['b4', 'a3', 'a2', 'b3', 'b2', 'b1', 'a1']);
  });

  it('before an entry have those of the other origin that are not later', async () => {
    const history = two();
    expect(idsOf(await history.load({ before: 'a2' }))).toEqual(['b3', 'b2', 'b1', 'a1']);
    expect(idsOf(await history.load({ before: 'b1' }))).toEqual(['a1']);
    expect(idsOf(await history.load({ before: 'a1' }))).toEqual([]);
    await expect(history.load({ before: 'unknown' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('have nothing of an origin that `before` or `upTo` does not name', async () => {
    const history = two();
    expect(idsOf(await history.load({ before: positions({ 'dc1.1': 5 }) }))).toEqual(['a2', 'a1']);
    const upTo = positions({ 'dc2.1': 7 });
    expect(idsOf(await history.load({ upTo }))).toEqual(['b2', 'b1']);
    expect(idsOf(await history.load({ after: positions({}), upTo }))).toEqual(['b1', 'b2']);
  });

  it('have an entry that both have accepted once, at the place that counts', async () => {
    const history = two();
    history.add('dc2.1', 10, 'a2', 31);
    expect(idsOf(await history.load({ limit: 3 }))).toEqual(['b4', 'a3', 'a2']);
    const after = positions({ 'dc1.1': 2, 'dc2.1': 9 });
    expect(idsOf(await history.load({ after }))).toEqual(['a3']);
  });
});

describe('a page of a replica that lacks the copy that counts', () => {
  function twice(kept = 0): TestHistory {
    const history = new TestHistory();
    for (const [origin, offset] of [
      ['dc1.1', 4],
      ['dc2.1', 7],
    ] as const) {
      history.add(origin, offset, 'both', offset);
      history.add(origin, offset + 1, `after-${origin}`, offset + 1);
    }
    history.hiddenCopies.add('dc1.1@4');
    history.kept.set('dc1.1', kept);
    return history;
  }

  it('ends before it, so that no walk passes both copies', async () => {
    const history = twice();
    const page = await history.load({ after: positions({}) });
    expect([idsOf(page), page.next]).toEqual([[], positions({})]);
    expect(idsOf(await history.load({}))).toEqual(['after-dc2.1', 'both', 'after-dc1.1']);
    history.hiddenCopies.clear();
    expect(idsOf(await history.load({ after: positions({}) }))).toEqual([
      ...['both', 'after-dc1.1', 'after-dc2.1'],
    ]);
  });

  it('has it if the newest state has it', async () => {
    const history = twice(2);
    history.hiddenEntries.add('both');
    const page = await history.load({ after: positions({}) });
    expect(page.entries[0]).toMatchObject({ id: 'both', place: 'dc1.1@4' });
  });
});

it('finds the positions of an entry in a long history of two origins by few reads', async () => {
  const history = new TestHistory();
  for (const index of range(3_000)) {
    history.add('dc1.1', 1_000 * index, `a${index}`, 10 * index);
    history.add('dc2.1', 77 * index, `b${index}`, 10 * index + 5);
  }
  history.kept.set('dc2.1', 256);
  const page = await history.load({ before: 'a700', limit: 3 });
  expect(idsOf(page)).toEqual(['b699', 'a699', 'b698']);
  expect(history.calls).toBeLessThan(50);
});

it('a page is refused if the store is unavailable', async () => {
  const history = single(3);
  history.isUnavailable = true;
  await expect(history.load({})).rejects.toMatchObject({ code: 'store_unavailable' });
});
