import fc from 'fast-check';
import '../../fixtures/same-runs';
import {
  MAX_DELETIONS,
  MAX_ENTRIES,
  MAX_RING_BYTES,
  sizeOf,
} from '../../../schemas/policies/append-ring';
import {
  comment,
  delta,
  type Logged,
  logs,
  policy,
  type State,
  sent,
  statesOf,
} from './append-parts';

/** What a true state of a log has above its floor. */
function trueRows(log: readonly Logged[], { state, version }: State) {
  const within = log.filter(({ offset }) => offset > state.floor && offset <= version);
  const deleted = new Set(
    log.flatMap((record) =>
      'deletes' in record && record.offset <= version ? [record.deletes] : [],
    ),
  );
  return within.map((record) => {
    if ('deletes' in record) return [record.offset, record.deletes, 'deletion'];
    return [record.offset, record.id, deleted.has(record.id) ? undefined : record.text];
  });
}

function rowsOf(state: State) {
  const rows = policy.recent?.(state).rows ?? [];
  return rows.map(({ entry, id, isDeletion, offset }) => {
    return [offset, id, isDeletion ? 'deletion' : (entry?.body as { text?: string })?.text];
  });
}

function expectTrue(log: readonly Logged[], state: State): void {
  expect(rowsOf(state)).toEqual(trueRows(log, state));
  const { deletions, entries } = state.state;
  expect(policy.numberOf?.(state.state)).toBe(
    log.filter(({ offset }) => offset <= state.version).length,
  );
  expect(entries.length).toBeLessThanOrEqual(MAX_ENTRIES);
  expect(deletions.length).toBeLessThanOrEqual(MAX_DELETIONS);
  const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  expect(bytes).toBeLessThanOrEqual(MAX_RING_BYTES);
  const deleted = new Set(deletions.map(({ id }) => id));
  for (const { body, id } of entries) if (deleted.has(id)) expect(body).toBeUndefined();
}

describe('a state of comments', () => {
  it('has all entries and deletions above its floor, within its bounds', () => {
    fc.assert(
      fc.property(logs('a', 60), (log) => {
        for (const state of statesOf(log)) expectTrue(log, state);
      }),
    );
  });

  it('evicts the oldest entries by number, and keeps the number of all', () => {
    let state = policy.empty;
    for (let at = 0; at < MAX_ENTRIES + 10; at++) state = policy.fold(state, comment(`c${at}`), at);
    expect([state.floor, state.entries.length, state.count]).toEqual([9, MAX_ENTRIES, 266]);
  });

  it('keeps its entries if many deletions raise the floor above them', () => {
    let state = policy.fold(policy.empty, comment('kept'), 0);
    for (let at = 1; at <= MAX_DELETIONS + 1; at++) {
      state = policy.remove?.(state, `old-${at}`, at) ?? state;
    }
    expect(state.floor).toBe(1);
    expect(policy.snapshot(policy.view({ 'dc1.1': { version: 9, state } }))).toMatchObject({
      comments: [{ commentId: 'kept' }],
    });
    expect(policy.recent?.({ version: 300, state }).rows).toHaveLength(MAX_DELETIONS);
  });

  it('never has the text of an entry whose deletion came before it', () => {
    const deleted = policy.remove?.(policy.empty, 'a', 3) ?? policy.empty;
    const after = policy.fold(deleted, comment('a', 'secret'), 4);
    expect(JSON.stringify(after)).not.toContain('secret');
    expect(after.entries).toEqual([{ id: 'a', memberId: 'ann', at: 1, offset: 4 }]);
  });

  it('loses the text of a deleted entry, which keeps its place', () => {
    const before = policy.fold(policy.empty, comment('a', 'secret'), 4);
    const deleted = policy.remove?.(before, 'a', 7) ?? before;
    expect(JSON.stringify(deleted)).not.toContain('secret');
    expect(deleted.entries).toEqual([{ id: 'a', memberId: 'ann', at: 1, offset: 4 }]);
    expect(deleted.count).toBe(2);
  });

  it('is the same after a cancel: viewers may have been sent the copy', () => {
    const before = policy.fold(policy.empty, comment('a'), 4);
    expect(policy.unfold(before, 'a', '')).toBe(before);
  });

  it('does not change its argument', () => {
    const before = Object.freeze(policy.fold(policy.empty, comment('a'), 0));
    Object.freeze(before.entries);
    policy.fold(before, comment('b'), 1);
    policy.remove?.(before, 'a', 1);
    policy.unfold(before, 'a', '');
    expect(before.entries).toHaveLength(1);
  });
});

describe('merging', () => {
  it('gives true states, whatever the order of states and deltas', () => {
    const steps = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { maxLength: 20 });
    fc.assert(
      fc.property(logs('a', 60), steps, (log, all) => {
        const states = statesOf(log);
        let held: State | undefined;
        for (const [to, since, isWhole] of all) {
          const state = states[to % states.length];
          if (!state) continue;
          const update = sent(isWhole ? state : delta(state, (since % (state.version + 2)) - 1));
          const before = held;
          held = before ? policy.merge(before, update) : update;
          expectTrue(log, held);
          expect(held.version).toBe(Math.max(before?.version ?? -1, update.version));
          if (before) expect(policy.merge(held, before)).toBe(held);
          expect(policy.merge(held, update)).toBe(held);
        }
      }),
    );
  });

  it('of deltas one after the other gives all that the owner has', () => {
    fc.assert(
      fc.property(logs('a', 60), fc.array(fc.nat(5), { maxLength: 60 }), (log, sizes) => {
        const states = statesOf(log);
        let held: State | undefined;
        let next = 0;
        for (const size of sizes) {
          next += size + 1;
          const state = states[next - 1];
          if (!state) break;
          const update = sent(delta(state, held?.version ?? -1));
          held = held ? policy.merge(held, update) : update;
          expect(held.state.floor).toBeLessThanOrEqual(state.state.floor);
          const known = state.state.entries.filter(({ offset }) => offset > state.state.floor);
          expect(held.state.entries).toEqual(expect.arrayContaining([...known]));
        }
      }),
    );
  });
});

describe('a merged state', () => {
  it('is only the newer part if there is a hole between two', () => {
    const states = statesOf(
      [0, 1, 2, 3].map((offset) => ({ offset, id: `c${offset}`, text: 't', at: offset })),
    );
    const [, one, , last] = states as [State, State, State, State];
    const merged = policy.merge(one, delta(last, 2));
    expect([merged.version, merged.state.floor]).toEqual([3, 2]);
    expect(merged.state.entries.map(({ id }) => id)).toEqual(['c3']);
    expect(policy.merge(merged, delta(last, 1)).state.floor).toBe(1);
    expect(policy.merge(merged, one)).toBe(merged);
    expect(policy.merge(merged, last)).toEqual(last);
  });

  it('has the version of a delta without entries, and is the state itself', () => {
    const one: State = { version: 3, state: policy.fold(policy.empty, comment('a'), 3) };
    const skipped: State = { version: 9, state: one.state };
    const merged = policy.merge(one, delta(skipped, 3));
    expect(merged).toEqual(skipped);
    expect(merged.state).toBe(one.state);
  });

  it('of a saved state and later deltas has no hole', () => {
    fc.assert(
      fc.property(logs('a', 60), fc.nat(), (log, at) => {
        const states = statesOf(log);
        const index = at % Math.max(1, states.length);
        const state = states[index];
        const last = states.at(-1);
        if (!state || !last) return;
        const saved = { ...state, state: policy.saved?.(state.state) ?? state.state };
        expectTrue(log, saved);
        expect(saved.state.entries.length).toBeLessThanOrEqual(20);
        const merged = policy.merge(saved, delta(last, state.version));
        expectTrue(log, merged);
        expect(merged.state.floor).toBeGreaterThanOrEqual(saved.state.floor);
        // What a successor publishes first, to a receiver that may have more.
        const short = { ...last, state: policy.saved?.(last.state) ?? last.state };
        expectTrue(log, policy.merge(state, short));
      }),
    );
  });
});

describe('the shape of a state', () => {
  it('accepts what is folded, and refuses other bodies and numbers', () => {
    const state = policy.fold(policy.empty, comment('a'), 3);
    expect(policy.state.safeParse(policy.empty).success).toBe(true);
    expect(policy.state.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
    const changes: object[] = [{ floor: -2 }, { count: -1 }, { entries: [{ id: 'a' }] }];
    const wrong = { ...state.entries[0], body: { text: 7 } };
    for (const change of [...changes, { deletions: [{}] }, { entries: [wrong] }]) {
      expect(policy.state.safeParse({ ...state, ...change }).success).toBe(false);
    }
  });
});
