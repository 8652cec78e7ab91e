import fc from 'fast-check';
import '../../fixtures/same-runs';
import { parseVectorText } from '../../../schemas/place';
import type { News, Seen } from '../../../schemas/policy';
import type { Vector } from '../../../schemas/state';
import { delta, type Logged, logs, policy, type State, sent, statesOf } from './append-parts';

const CONTEXT = { oldestAt: 0, seen: '', channelId: '42', maxEntries: 50 };

/** The range of a gap's link. */
function rangeOf({ data }: News) {
  const { history, missed } = data as { history: string; missed: string };
  const url = new URL(history, 'http://host');
  expect([url.pathname, missed]).toEqual(['/videos/42/comments', 'comments']);
  const [after, upTo] = ['after', 'upTo'].map((name) => {
    return parseVectorText(url.searchParams.get(name) ?? '-');
  });
  if (!after || !upTo) throw new Error(history);
  return { after, upTo };
}

/** A viewer that is sent the news of views, and may read only some before it comes back. */
class Viewer {
  seen: Seen = { total: 0, versions: new Map() };
  readonly comments: { id: string; origin: string; offset: number }[] = [];
  readonly deleted: string[] = [];
  readonly gaps: ReturnType<typeof rangeOf>[] = [];

  /** Reads at most `most` events of the news. */
  show(vector: Vector, maxEntries: number, most = Number.POSITIVE_INFINITY): void {
    const view = policy.view(vector as Vector<State['state']>);
    const news = policy.news(view, this.seen, { ...CONTEXT, maxEntries });
    expect(news.filter(({ event }) => event === 'comment').length).toBeLessThanOrEqual(maxEntries);
    const [first, ...others] = news;
    for (const { event } of others) expect(event).not.toBe('gap');
    for (const [at, one] of news.entries()) {
      if (at === most) return;
      this.read(one);
      const whole = Object.entries(vector).map(
        ([origin, { version }]) => [origin, version] as const,
      );
      this.seen = one.reached ?? { total: 0, versions: new Map(whole.sort()) };
      if (at < news.length - 1) expect(one.reached).toBeDefined();
      expect([...this.seen.versions.keys()]).toEqual([...this.seen.versions.keys()].sort());
    }
    if (!first) return;
    expect(policy.news(view, this.seen, CONTEXT)).toEqual([]);
    expect(policy.count(view, this.seen)).toBe(0);
  }

  private read(one: News): void {
    if (one.event === 'gap') {
      this.gaps.push(rangeOf(one));
      return;
    }
    const data = one.data as { commentId: string; place?: string };
    if (one.event === 'comment_deleted') {
      this.deleted.push(data.commentId);
      return;
    }
    const [origin = '', offset] = data.place?.split('@') ?? [];
    this.comments.push({ id: data.commentId, origin, offset: Number(offset) });
  }

  /** Whether a gap's link gives a place. */
  inGaps(origin: string, offset: number): number {
    return this.gaps.filter(({ after, upTo }) => {
      return offset > (after.get(origin) ?? -1) && offset <= (upTo.get(origin) ?? -1);
    }).length;
  }
}

/** Steps of a run: an update of an origin, or a viewer that is shown some. */
const steps = fc.array(
  fc.record({
    origin: fc.nat(1),
    advance: fc.nat(12),
    isLost: fc.boolean(),
    shows: fc.boolean(),
    maxEntries: fc.integer({ min: 1, max: 10 }),
    reads: fc.oneof(fc.constant(1_000), fc.nat(6)),
  }),
  { maxLength: 30 },
);

const ORIGINS = ['dc1.1', 'dc2.1'] as const;

/** Runs steps over two logs, until the viewer has read all. */
function run(
  all: readonly (readonly Logged[])[],
  given: typeof steps extends fc.Arbitrary<infer S> ? S : never,
) {
  const states = all.map((log) => statesOf(log));
  const next = [0, 0];
  let vector: Record<string, State> = {};
  const viewer = new Viewer();
  const update = (at: number, advance: number, isLost: boolean): void => {
    const [origin, of, from] = [ORIGINS[at], states[at], next[at] ?? 0];
    const to = Math.min(from + advance, of?.length ?? 0);
    const state = of?.[to - 1];
    next[at] = to;
    if (!origin || !state || isLost) return;
    const before = vector[origin];
    const change = sent(delta(state, of?.[from - 1]?.version ?? -1));
    vector = { ...vector, [origin]: before ? policy.merge(before, change) : change };
  };
  for (const { advance, isLost, maxEntries, origin, reads, shows } of given) {
    update(origin, advance, isLost && advance < 3);
    if (shows) viewer.show(vector, maxEntries, reads);
  }
  // At rest the digest has found each lost update.
  for (const [at, origin] of ORIGINS.entries()) {
    const last = states[at]?.at(-1);
    const before = vector[origin];
    if (last) vector = { ...vector, [origin]: before ? policy.merge(before, last) : last };
  }
  viewer.show(vector, 10);
  return viewer;
}

describe('the news of comments', () => {
  it('has each comment once, in the order of its log, or a gap whose link gives it', () => {
    fc.assert(
      fc.property(logs('a', 60), logs('b', 60), steps, (one, other, given) => {
        const viewer = run([one, other], given);
        for (const [at, log] of [one, other].entries()) {
          const origin = ORIGINS[at] ?? '';
          const shown = viewer.comments.filter((of) => of.origin === origin);
          const offsets = shown.map(({ offset }) => offset);
          expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
          const deleted = new Set(log.flatMap((of) => ('deletes' in of ? [of.deletes] : [])));
          for (const record of log) {
            const { offset } = record;
            const gaps = viewer.inGaps(origin, offset);
            if ('deletes' in record) {
              expect(gaps + Number(viewer.deleted.includes(record.deletes))).toBeGreaterThan(0);
              continue;
            }
            const times = gaps + Number(offsets.includes(offset));
            if (deleted.has(record.id)) expect(times).toBeLessThanOrEqual(1);
            else expect(times).toBe(1);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the news of comments that two logs have', () => {
  it('has each id once, whichever the viewer is shown first', () => {
    const of = (offset: number, ...ids: string[]): State => {
      const log = ids.map((id, at) => ({ offset: offset + at, id, text: 't', at: 5 }));
      return statesOf(log).at(-1) as State;
    };
    const [early, late] = [of(3, 'twice', 'a'), of(7, 'twice', 'b')];
    const orders: Vector[][] = [
      [{ 'dc1.1': early }, { 'dc1.1': early, 'dc2.1': late }],
      [{ 'dc2.1': late }, { 'dc1.1': early, 'dc2.1': late }],
      [{ 'dc1.1': early, 'dc2.1': late }],
    ];
    for (const order of orders) {
      const viewer = new Viewer();
      for (const vector of order) viewer.show(vector, 50);
      expect(viewer.comments.map(({ id }) => id).sort()).toEqual(['a', 'b', 'twice']);
    }
  });

  it('has each id once, also if the viewer reads only some events', () => {
    const dc1 = statesOf([
      { offset: 2, id: 'first', text: 't', at: 8 },
      { offset: 3, id: 'twice', text: 't', at: 9 },
    ]).at(-1) as State;
    const dc2 = statesOf([
      { offset: 7, id: 'twice', text: 't', at: 5 },
      { offset: 8, id: 'later', text: 't', at: 6 },
    ]).at(-1) as State;
    const vector = { 'dc1.1': dc1, 'dc2.1': dc2 };
    for (const reads of [1, 2]) {
      const viewer = new Viewer();
      viewer.show(vector, 50, reads);
      viewer.show(vector, 50);
      expect(viewer.comments.map(({ id }) => id)).toEqual(['first', 'twice', 'later']);
    }
  });

  it('has each id once, however many events the viewer reads at once', () => {
    const ids = fc.uniqueArray(fc.nat(12), { maxLength: 10 });
    const log = fc.tuple(ids, fc.array(fc.nat(20), { minLength: 10, maxLength: 10 }));
    const reads = fc.array(fc.tuple(fc.nat(10), fc.nat(10), fc.nat(4)), { maxLength: 8 });
    fc.assert(
      fc.property(log, log, reads, (one, other, all) => {
        const states = [one, other].map(([of, times]) => {
          const records = of.map((id, offset) => {
            return { offset, id: `c${id}`, text: 't', at: times[offset] ?? 0 };
          });
          return statesOf(records);
        });
        const viewer = new Viewer();
        const known = [0, 0];
        for (const [first, second, most] of [...all, [99, 99, 99]] as const) {
          for (const [at, to] of [first, second].entries()) {
            known[at] = Math.max(known[at] ?? 0, Math.min(to, states[at]?.length ?? 0));
          }
          const vector = ORIGINS.flatMap((origin, at) => {
            const state = states[at]?.[(known[at] ?? 0) - 1];
            return state ? [[origin, state] as const] : [];
          });
          viewer.show(Object.fromEntries(vector), 50, most);
        }
        const wanted = [...new Set([...one[0], ...other[0]])].map((id) => `c${id}`);
        expect(viewer.comments.map(({ id }) => id).sort()).toEqual(wanted.sort());
      }),
      { numRuns: 300 },
    );
  });
});

describe('the news of deletions that two logs have', () => {
  const [one, own] = statesOf([
    { offset: 0, id: 'a', text: 'gone', at: 1 },
    { offset: 1, deletes: 'a' },
  ]) as [State, State];

  it('shows a deletion to a viewer whose snapshot did not know that of another log', () => {
    const other = statesOf([
      { offset: 5, deletes: 'a' },
      { offset: 6, deletes: 'b' },
    ]).at(-1) as State;
    const shown = policy.snapshot(policy.view({ 'dc1.1': one, 'dc2.1': delta(other, 6) }));
    expect(shown).toMatchObject({ comments: [{ commentId: 'a' }] });
    const viewer = new Viewer();
    viewer.seen = { total: 0, versions: new Map(Object.entries({ 'dc1.1': 0, 'dc2.1': 6 })) };
    viewer.show({ 'dc1.1': own, 'dc2.1': other }, 50);
    expect(viewer.deleted).toEqual(['a']);
  });

  it('hides what another log has deleted, and shows one of the deletions of an id at once', () => {
    const other = statesOf([{ offset: 5, deletes: 'a' }]).at(-1) as State;
    const both = policy.view({ 'dc1.1': one, 'dc2.1': other });
    expect(policy.snapshot(both)).toEqual({ comments: [] });
    const viewer = new Viewer();
    viewer.show({ 'dc1.1': one }, 50);
    viewer.show({ 'dc1.1': one, 'dc2.1': other }, 50);
    expect([viewer.comments.length, viewer.deleted]).toEqual([1, ['a']]);
    const second = new Viewer();
    second.show({ 'dc1.1': own, 'dc2.1': other }, 50);
    expect([second.comments.length, second.deleted]).toEqual([0, ['a']]);
  });
});
