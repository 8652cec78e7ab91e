import fc from 'fast-check';
import '../../fixtures/same-runs';
import { comment, logs, policy, type State, statesOf } from './append-parts';

interface Shown {
  readonly commentId: string;
  readonly at: number;
  readonly place: string;
}

function snapshotOf(vector: Readonly<Record<string, State>>): readonly Shown[] {
  return (policy.snapshot(policy.view(vector)) as { comments: readonly Shown[] }).comments;
}

describe('a snapshot of comments', () => {
  it('has the newest of all origins, the newest one last, and is empty at first', () => {
    expect(policy.snapshot(policy.view({}))).toEqual({ comments: [] });
    const one = statesOf([
      { offset: 3, id: 'a', text: 'one', at: 10 },
      { offset: 4, id: 'c', text: 'three', at: 30 },
    ]).at(-1) as State;
    const other = statesOf([{ offset: 9, id: 'b', text: 'two', at: 20 }]).at(-1) as State;
    expect(snapshotOf({ 'dc2.1': one, 'dc1.1': other })).toEqual([
      { commentId: 'a', memberId: 'ann', text: 'one', at: 10, place: 'dc2.1@3' },
      { commentId: 'b', memberId: 'ann', text: 'two', at: 20, place: 'dc1.1@9' },
      { commentId: 'c', memberId: 'ann', text: 'three', at: 30, place: 'dc2.1@4' },
    ]);
  });

  it('has at most 20 entries and 16 KiB, in the order of each origin, none that is deleted', () => {
    fc.assert(
      fc.property(logs('a', 60), logs('b', 60), (one, other) => {
        const [own, peer] = [statesOf(one).at(-1), statesOf(other).at(-1)];
        const vector = { ...(own && { 'dc1.1': own }), ...(peer && { 'dc2.1': peer }) };
        const shown = snapshotOf(vector);
        expect(shown.length).toBeLessThanOrEqual(20);
        expect(Buffer.byteLength(JSON.stringify(shown))).toBeLessThanOrEqual(16_384);
        const deleted = [...one, ...other].flatMap((of) => ('deletes' in of ? [of.deletes] : []));
        for (const { commentId } of shown) expect(deleted).not.toContain(commentId);
        for (const origin of ['dc1.1', 'dc2.1']) {
          const places = shown.filter(({ place }) => place.startsWith(origin));
          const offsets = places.map(({ place }) => Number(place.split('@')[1]));
          expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('has an id once: the copy of the earliest datacenter', () => {
    const of = (offset: number): State => {
      return { version: offset, state: policy.fold(policy.empty, comment('twice'), offset) };
    };
    const both = { 'dc1.1': of(3), 'dc2.1': of(8) };
    expect(snapshotOf(both).map(({ place }) => place)).toEqual(['dc1.1@3']);
  });
});

describe('what is cached', () => {
  it('has as much as a viewer that comes back is sent at once', () => {
    const log = Array.from({ length: 80 }, (_, offset) => {
      return { offset, id: `c${offset}`, text: 'text', at: offset };
    });
    const last = statesOf(log).at(-1) as State;
    const cached = policy.cached?.(last.state);
    expect([cached?.floor, cached?.count, cached?.entries.length]).toEqual([29, 80, 50]);
    const large = log.slice(0, 8).map((each) => ({ ...each, text: 'x'.repeat(7_900) }));
    const short = policy.cached?.((statesOf(large).at(-1) as State).state);
    expect([short?.floor, short?.entries.length]).toEqual([3, 4]);
  });
});

describe('what is saved', () => {
  it('has the newest entries and the number of all, with a floor below them', () => {
    const log = Array.from({ length: 30 }, (_, offset) => {
      return { offset, id: `c${offset}`, text: 'text', at: offset };
    });
    const last = statesOf(log).at(-1) as State;
    const saved = policy.saved?.(last.state);
    expect([saved?.floor, saved?.count, saved?.entries.length]).toEqual([9, 30, 20]);
    const short = statesOf(log.slice(0, 5)).at(-1) as State;
    expect(policy.saved?.(short.state)).toBe(short.state);
  });
});

it('knows the entries that another origin has deleted', () => {
  const own = policy.fold(policy.fold(policy.empty, comment('a'), 0), comment('b'), 1);
  const other = policy.remove?.(policy.remove?.(policy.empty, 'a', 4) ?? own, 'x', 5) ?? own;
  expect(policy.undeleted?.(own, other)).toEqual([
    { id: 'a', isOwn: true },
    { id: 'x', isOwn: false },
  ]);
  const both = policy.remove?.(policy.remove?.(own, 'a', 9) ?? own, 'x', 10) ?? own;
  expect(policy.undeleted?.(both, other)).toEqual([]);
  expect(policy.undeleted?.(own, policy.empty)).toEqual([]);
  expect(policy.undeleted?.({ ...own, floor: 0 }, other)).toEqual([
    { id: 'a', isOwn: true },
    { id: 'x', isOwn: undefined },
  ]);
  expect(policy.undeleted?.(own, policy.empty, ['b'])).toEqual([{ id: 'b', isOwn: true }]);
  // We may have evicted a copy of an entry that the other origin still has.
  const theirs = policy.remove?.(policy.fold(policy.empty, comment('y'), 2), 'y', 3) ?? own;
  expect(policy.undeleted?.({ ...own, floor: 0 }, theirs)).toEqual([{ id: 'y', isOwn: undefined }]);
});
