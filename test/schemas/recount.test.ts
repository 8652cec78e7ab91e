import fc from 'fast-check';
import '../fixtures/same-runs';
import { compareOrigins, datacenterOf, generationOf } from '../../schemas/origins';
import { countsIn, isContested } from '../../schemas/recount';

const ORIGINS = ['dc1.1', 'dc1.2', 'dc1.10', 'dc2.1', 'dc2.2'];

const origins = fc.uniqueArray(fc.constantFrom(...ORIGINS));

/** An entry, with the origins that have it and those that have withdrawn it. */
const world = fc.record({ has: origins, withdrawn: origins });

describe('countsIn', () => {
  it('counts an entry in the earliest origin that has it and did not withdraw it', () => {
    fc.assert(
      fc.property(world, ({ has, withdrawn }) => {
        const copies = { origins: has, withdrawn: new Set(withdrawn) };
        const standing = has.filter((origin) => !copies.withdrawn.has(origin));
        const counting = ORIGINS.filter((origin) => countsIn(origin, copies));
        expect(counting).toEqual([...standing].sort(compareOrigins).slice(0, 1));
        for (const origin of counting) {
          const others = standing.map(datacenterOf).filter((name) => name > datacenterOf(origin));
          expect(isContested(origin, copies)).toBe(others.length > 0);
        }
      }),
    );
  });

  it('orders generations as numbers', () => {
    const copies = { origins: ['dc1.2', 'dc1.10'], withdrawn: new Set<string>() };
    expect(countsIn('dc1.2', copies)).toBe(true);
    expect(countsIn('dc1.10', copies)).toBe(false);
  });
});

/**
 * The ways in which an owner treats a copy of an entry that has an earlier copy: it finds the
 * earlier one, misses it, has not read its own copy yet, or has counted its copy and cancels it
 * later.
 */
const OWNERS = ['finds', 'misses', 'unread', 'cancels later'] as const;

/** The appends of ids to logs, in order. */
const arrivals = fc.array(
  fc.record({
    id: fc.nat({ max: 6 }),
    origin: fc.constantFrom(...ORIGINS),
    owner: fc.constantFrom(...OWNERS),
  }),
  { maxLength: 40 },
);

type Arrival = { id: number; origin: string; owner: (typeof OWNERS)[number] };

/** The same arrivals; in each datacenter a generation begins after the one before it. */
function inGenerations(all: readonly Arrival[]): Arrival[] {
  const next = new Map<string, Arrival[]>();
  for (const each of [...all].sort((one, other) => compareOrigins(one.origin, other.origin))) {
    const name = datacenterOf(each.origin);
    next.set(name, [...(next.get(name) ?? []), each]);
  }
  return all.flatMap(({ origin }) => next.get(datacenterOf(origin))?.shift() ?? []);
}

interface Row {
  readonly origins: Set<string>;
  readonly withdrawn: Set<string>;
}

/**
 * The ids that the logs count, and the rows that owners write. An owner may miss an earlier copy.
 * The owner of a log in service finds it later, unless it is in the past of the same log.
 */
class History {
  readonly rows = new Map<number, Row>();
  readonly logs = new Map<string, Set<number>>(ORIGINS.map((origin) => [origin, new Set()]));
  private unread: [number, string][] = [];
  private late: [number, string][] = [];

  constructor(private readonly isLive: (origin: string) => boolean) {}

  arrive({ id, origin, owner }: Arrival): void {
    const row = this.rows.get(id) ?? { origins: new Set(), withdrawn: new Set() };
    this.rows.set(id, row);
    if (row.origins.has(origin)) return;
    row.origins.add(origin);
    if (owner === 'unread' && this.isLive(origin)) this.unread.push([id, origin]);
    else this.read(id, origin, owner);
  }

  /** The owners in service read the unread records, and cancel their late duplicates. */
  rest(): void {
    for (const [id, origin] of this.unread) this.read(id, origin, 'finds');
    for (const [id, origin] of this.late) this.cancel(id, origin);
    [this.unread, this.late] = [[], []];
    for (const id of this.rows.keys()) {
      // Each log in service has published its ids.
      const live = [...this.logs].filter(([origin, ids]) => this.isLive(origin) && ids.has(id));
      for (const [origin] of live) this.publish(id, origin);
    }
  }

  /** Replaces the counted ids of a frozen log by a recount. */
  recount(origin: string): void {
    const counted = [...this.rows].filter(([, row]) => countsIn(origin, row));
    this.logs.set(origin, new Set(counted.map(([id]) => id)));
    for (const [id, row] of counted) {
      if (isContested(origin, row)) this.publish(id, origin);
    }
  }

  /** The number of logs that count an id. */
  times(id: number): number {
    return [...this.logs.values()].filter((ids) => ids.has(id)).length;
  }

  private read(id: number, origin: string, owner: Arrival['owner']): void {
    const row = this.rows.get(id);
    if (!row) return;
    const others = [...row.origins].filter((other) => !row.withdrawn.has(other));
    const isCopy = others.some(
      (other) =>
        datacenterOf(other) === datacenterOf(origin) && generationOf(other) < generationOf(origin),
    );
    const isDuplicate = others.some((other) => datacenterOf(other) < datacenterOf(origin));
    // Owners in service look ids up until no earlier log of the datacenter can have them.
    const isFound = isCopy && (owner !== 'misses' || this.isLive(origin));
    if (isFound || (isDuplicate && owner === 'finds')) {
      row.withdrawn.add(origin);
      return;
    }
    this.logs.get(origin)?.add(id);
    const isCancelLate = isDuplicate && owner === 'cancels later' && this.isLive(origin);
    if (isCancelLate) this.late.push([id, origin]);
  }

  /** Owners of later datacenters in service cancel their copies. */
  private publish(id: number, from: string): void {
    for (const origin of this.logs.keys()) {
      if (this.isLive(origin) && datacenterOf(origin) > datacenterOf(from)) this.cancel(id, origin);
    }
  }

  private cancel(id: number, origin: string): void {
    if (this.logs.get(origin)?.delete(id)) this.rows.get(id)?.withdrawn.add(origin);
  }
}

it.each([
  ['before', true],
  ['after', false],
])('each id counts once if logs in service read the rest %s the recount', (_, isBefore) => {
  const live = fc.subarray(['dc1.10', 'dc2.2']);
  fc.assert(
    fc.property(arrivals, live, (all, inService) => {
      const isLive = (origin: string): boolean => inService.includes(origin);
      const history = new History(isLive);
      for (const each of inGenerations(all)) history.arrive(each);
      if (isBefore) history.rest();
      for (const origin of ORIGINS) if (!isLive(origin)) history.recount(origin);
      history.rest();
      for (const [id] of history.rows) expect(history.times(id)).toBe(1);
    }),
  );
});
