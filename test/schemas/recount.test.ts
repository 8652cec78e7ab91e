import fc from 'fast-check';
import '../fixtures/same-runs';
import { compareOrigins } from '../../schemas/origins';
import { countsIn, sameCounts } from '../../schemas/recount';

const ORIGINS = ['dc1.1', 'dc1.2', 'dc1.10', 'dc2.1', 'dc2.2'];

const origins = fc.uniqueArray(fc.constantFrom(...ORIGINS));

/** A like, with the origins that have it, that have withdrawn it, and that are live. */
const world = fc.record({ has: origins, withdrawn: origins, live: origins });

describe('countsIn', () => {
  it('counts a like in one frozen origin, if one has it and no live origin counts it', () => {
    fc.assert(
      fc.property(world, ({ has, live, withdrawn }) => {
        const gone = new Set(withdrawn);
        const copies = { origins: has, withdrawn: gone };
        const isLive = (origin: string): boolean => live.includes(origin);
        const standing = has.filter((origin) => !gone.has(origin));
        const counting = ORIGINS.filter(
          (origin) => !isLive(origin) && countsIn(origin, copies, isLive),
        );
        if (standing.some(isLive)) expect(counting).toEqual([]);
        else expect(counting).toEqual([...standing].sort(compareOrigins).slice(0, 1));
      }),
    );
  });

  it('orders generations as numbers', () => {
    const copies = { origins: ['dc1.2', 'dc1.10'], withdrawn: new Set<string>() };
    expect(countsIn('dc1.2', copies, () => false)).toBe(true);
    expect(countsIn('dc1.10', copies, () => false)).toBe(false);
  });
});

describe('sameCounts', () => {
  it('ignores reactions that are counted 0 times', () => {
    expect(sameCounts({ like: 1, love: 0 }, { like: 1 })).toBe(true);
    expect(sameCounts({ like: 1, love: -1 }, { like: 1 })).toBe(false);
    expect(sameCounts({}, { like: 1 })).toBe(false);
  });
});

/** The appends of ids to logs, in order; an owner may miss an earlier copy. */
const arrivals = fc.array(
  fc.record({
    id: fc.nat({ max: 6 }),
    origin: fc.constantFrom(...ORIGINS),
    isMissed: fc.boolean(),
  }),
  { maxLength: 40 },
);

/** The ids that the logs count, and the rows that owners write. */
class History {
  readonly rows = new Map<number, { origins: Set<string>; withdrawn: Set<string> }>();
  readonly logs = new Map<string, Set<number>>(ORIGINS.map((origin) => [origin, new Set()]));

  arrive(id: number, origin: string, isMissed: boolean): void {
    const row = this.rows.get(id) ?? { origins: new Set(), withdrawn: new Set() };
    this.rows.set(id, row);
    if (row.origins.has(origin)) return;
    const earlier = [...row.origins].filter(
      (other) => !row.withdrawn.has(other) && compareOrigins(other, origin) < 0,
    );
    row.origins.add(origin);
    // The owner skips or cancels a duplicate of an earlier generation or datacenter if it finds it.
    if (earlier.length > 0 && !isMissed) row.withdrawn.add(origin);
    else this.logs.get(origin)?.add(id);
  }
}

it('a recount of all frozen logs counts each id once, if the live ones do', () => {
  fc.assert(
    fc.property(arrivals, origins, (all, live) => {
      const history = new History();
      for (const { id, isMissed, origin } of all) history.arrive(id, origin, isMissed);
      const isLive = (origin: string): boolean => live.includes(origin);
      const times = new Map<number, number>();
      for (const origin of ORIGINS) {
        for (const [id, row] of history.rows) {
          const isCounted = isLive(origin)
            ? history.logs.get(origin)?.has(id)
            : countsIn(origin, row, isLive);
          if (isCounted) times.set(id, (times.get(id) ?? 0) + 1);
        }
      }
      for (const [id] of history.rows) {
        const byLive = live.filter((origin) => history.logs.get(origin)?.has(id)).length;
        expect(times.get(id)).toBe(Math.max(1, byLive));
      }
    }),
  );
});
