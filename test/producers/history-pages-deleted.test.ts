import { MAX_EMPTY_PAGE_ROWS, MAX_PAGE_ROWS } from '../../producers/history-merge';
import { range } from '../end-to-end/api';
import { idsOf, positions, single } from './history-parts';

describe('a deleted entry whose row does not say it yet', () => {
  it('is shown at its own place if its row did not say yet that it is deleted', async () => {
    const history = single(3, 0);
    history.add('dc1.1', 40, 'a1', 40, true);
    history.deleted.clear();
    const first = await history.load({ after: positions({}), limit: 2 });
    expect(idsOf(first)).toEqual(['a1', 'a2']);
    expect(idsOf(await history.load({ after: first.next }))).toEqual(['a3', '-a1']);
  });

  it('is shown deleted on a page that also has its deletion', async () => {
    const history = single(2, 0);
    history.add('dc1.1', 40, 'a1', 40, true);
    history.deleted.clear();
    expect(idsOf(await history.load({ after: positions({}) }))).toEqual(['-a1', 'a2']);
  });
});

describe('a deleted entry', () => {
  it('has its id alone, at its place', async () => {
    const history = single(3);
    history.add('dc1.1', 40, 'a2', 40, true);
    const page = await history.load({});
    expect(page.entries.map(({ id }) => id)).toEqual(['a3', 'a2', 'a1']);
    expect(page.entries[1]).toMatchObject({ id: 'a2', isDeleted: true });
    expect(page.entries[1]).not.toHaveProperty('body');
    expect(idsOf(await history.load({ after: positions({}) }))).toEqual(['a1', '-a2', 'a3']);
  });

  it('is on a page after its place, where the deletion stands', async () => {
    const history = single(3);
    history.add('dc1.1', 40, 'a2', 40, true);
    history.add('dc1.1', 50, 'a4');
    const page = await history.load({ after: positions({ 'dc1.1': 20 }) });
    expect(idsOf(page)).toEqual(['a3', '-a2', 'a4']);
    const end = positions({ 'dc1.1': 40 });
    expect(idsOf(await history.load({ after: positions({ 'dc1.1': 30 }), upTo: end }))).toEqual([
      '-a2',
    ]);
  });

  it('is shown again to a walk that has passed it before its deletion', async () => {
    const history = single(6);
    history.add('dc1.1', 65, 'a2', 65, true);
    const first = await history.load({ after: positions({}), limit: 3 });
    expect(idsOf(first)).toEqual(['a1', '-a2', 'a3']);
    history.add('dc1.1', 70, 'a1', 70, true);
    const rest = await history.load({ after: first.next });
    expect(idsOf(rest)).toEqual(['a4', 'a5', 'a6', '-a2', '-a1']);
  });

  it.each([0, 4])(
    'stands at its deletion while only a later copy is stored, %i kept',
    async (kept) => {
      const history = single(3, kept);
      history.add('dc1.1', 40, 'a1', 40, true);
      history.laterCopies.set('a1', 25);
      expect(idsOf(await history.load({ after: positions({ 'dc1.1': 10 }) }))).toEqual([
        ...['a2', 'a3', '-a1'],
      ]);
      const query = { after: positions({ 'dc1.1': 10 }), limit: 2 };
      const { next } = await history.load(query);
      expect(idsOf(await history.load({ ...query, after: next }))).toEqual(['-a1']);
    },
  );

  it('is deleted if only the newest state of another origin says so', async () => {
    const history = single(2);
    history.add('dc2.1', 7, 'a1', 7, true);
    history.kept.set('dc2.1', 1);
    history.deleted.clear();
    expect(idsOf(await history.load({}))).toEqual(['a2', '-a1']);
  });

  it('is passed over, in bounded steps, if there are many deletions', async () => {
    const history = single(3);
    for (const index of range(MAX_EMPTY_PAGE_ROWS - 10)) {
      history.add('dc1.1', 100 + index, 'a1', 0, true);
    }
    history.add('dc1.1', 10_000, 'a4');
    const page = await history.load({ limit: 100 });
    expect(idsOf(page)).toEqual(['a4']);
    expect(history.read).toBeLessThan(MAX_PAGE_ROWS + 202);
    const next = await history.load({ limit: 100, before: page.next });
    expect([idsOf(next), next.next]).toEqual([['a3', 'a2', '-a1'], undefined]);
    for (const index of range(100)) history.add('dc1.1', 7_000 + index, 'a1', 0, true);
    const empty = await history.load({ limit: 100, before: new Map([['dc1.1', 10_000]]) });
    expect(idsOf(empty)).toEqual([]);
    expect(empty.next).toBeDefined();
  });
});
