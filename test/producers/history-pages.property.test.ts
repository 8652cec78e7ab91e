import fc from 'fast-check';
import '../fixtures/same-runs';
import type { HistoryPage } from '../../producers/history-pages';
import type { PageQuery, Positions } from '../../producers/history-query';
import { idsOf, TestHistory } from './history-parts';

const ORIGINS = ['dc1.1', 'dc1.2', 'dc2.1'];

/** A row that a random history gets: `pick` selects the entry that is deleted or accepted again. */
const step = fc.record({
  origin: fc.constantFrom(...ORIGINS),
  skip: fc.integer({ min: 1, max: 5 }),
  kind: fc.constantFrom('entry', 'entry', 'entry', 'deletion', 'copy'),
  pick: fc.nat(),
  wait: fc.integer({ min: 0, max: 3 }),
  isHidden: fc.boolean(),
});

const histories = fc.record({
  steps: fc.array(step, { maxLength: 60 }),
  kept: fc.array(fc.nat({ max: 25 }), { minLength: 3, maxLength: 3 }),
});

type Plan = typeof histories extends fc.Arbitrary<infer T> ? T : never;

/** Builds a history whose times grow, and hides some rows that no state has. */
function built({ kept, steps }: Plan, hides: boolean): TestHistory {
  const history = new TestHistory();
  const [offsets, ids] = [new Map<string, number>(), new Map<string, Set<string>>()];
  let at = 0;
  for (const [index, { isHidden, kind, origin, pick, skip, wait }] of steps.entries()) {
    const offset = (offsets.get(origin) ?? -1) + skip;
    offsets.set(origin, offset);
    at += wait;
    const all = [...ids.keys()];
    const picked = all[pick % Math.max(all.length, 1)];
    if (kind === 'deletion' && picked) history.add(origin, offset, picked, at, true);
    else {
      const isCopy = kind === 'copy' && picked && !ids.get(picked)?.has(origin);
      const id = isCopy ? picked : `e${index}`;
      history.add(origin, offset, id, at);
      ids.set(id, (ids.get(id) ?? new Set()).add(origin));
    }
    if (hides && isHidden) history.hiddenRows.add(`${origin}@${offset}`);
    if (hides && isHidden && pick % 2) history.hiddenEntries.add(`e${index}`);
  }
  for (const [index, origin] of ORIGINS.entries()) history.kept.set(origin, kept[index] ?? 0);
  // A state has the newest entries: it does not lack a copy that another one shows.
  for (const [id, { size }] of ids) if (size > 1) history.hiddenEntries.delete(id);
  return history;
}

/** All pages; where a walk stops at something hidden, that becomes readable. */
async function walk(history: TestHistory, query: Partial<PageQuery>): Promise<HistoryPage[]> {
  const name = query.after ? 'after' : 'before';
  const pages = [await history.load(query)];
  for (;;) {
    const page = pages.at(-1);
    if (!page?.next) return pages;
    if (page.entries.length === 0) {
      history.hiddenRows.clear();
      history.hiddenEntries.clear();
    }
    pages.push(await history.load({ ...query, [name]: page.next }));
    if (pages.length > 500) throw new Error('the walk does not end');
  }
}

/** The entries that count, each at its place, in the order of its origin. */
function counted(history: TestHistory, origin: string) {
  const isFirst = (id: string) =>
    ORIGINS.find((each) => history.of(each).some((row) => row.id === id && !row.isDeletion));
  return history.of(origin).filter((row) => !row.isDeletion && isFirst(row.id) === origin);
}

function aliveOf(history: TestHistory): string[] {
  const all = ORIGINS.flatMap((origin) => counted(history, origin));
  return all.map(({ id }) => id).filter((id) => !history.deleted.has(id));
}

const limits = fc.integer({ min: 1, max: 12 });

describe('a walk over all pages', () => {
  it('newest first has each entry once, at its place, whatever is hidden at first', async () => {
    await fc.assert(
      fc.asyncProperty(histories, limits, async (plan, limit) => {
        const history = built(plan, true);
        const pages = await walk(history, { limit });
        const ids = pages.flatMap((page) => page.entries.map(({ id }) => id));
        expect(Math.max(...pages.map(({ entries }) => entries.length))).toBeLessThanOrEqual(limit);
        for (const origin of ORIGINS) {
          const expected = counted(history, origin).map(({ id }) => id);
          expect(ids.filter((id) => expected.includes(id))).toEqual(expected.reverse());
        }
        expect(ids).toHaveLength(new Set(ids).size);
        const alive = pages.flatMap(idsOf).filter((id) => !id.startsWith('-'));
        expect(alive.sort()).toEqual(aliveOf(history).sort());
      }),
      { numRuns: 300 },
    );
  });

  it('oldest first has each entry once, at its place, whatever is hidden at first', async () => {
    await fc.assert(
      fc.asyncProperty(histories, limits, async (plan, limit) => {
        const history = built(plan, true);
        const pages = await walk(history, { after: new Map(), limit });
        const ids = pages.flatMap(idsOf);
        const alive = ids.filter((id) => !id.startsWith('-'));
        expect(alive).toHaveLength(new Set(alive).size);
        for (const origin of ORIGINS) {
          const expected = counted(history, origin)
            .map(({ id }) => id)
            .filter((id) => !history.deleted.has(id));
          expect(alive.filter((id) => expected.includes(id))).toEqual(expected);
        }
        expect(alive.sort()).toEqual(aliveOf(history).sort());
        const deleted = new Set(ids.filter((id) => id.startsWith('-')).map((id) => id.slice(1)));
        expect(deleted).toEqual(history.deleted);
        // A stream continues where the last page ends.
        const versions = Object.entries(history.states()).map(([origin, { version }]) => [
          origin,
          version,
        ]);
        expect(Object.fromEntries(pages.at(-1)?.reached ?? [])).toEqual(
          Object.fromEntries(versions),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('in both directions has all entries, and the same ones deleted', async () => {
    await fc.assert(
      fc.asyncProperty(histories, limits, async (plan, limit) => {
        const history = built(plan, false);
        const down = (await walk(history, { limit })).flatMap(idsOf);
        const up = (await walk(history, { after: new Map(), limit })).flatMap(idsOf);
        const isAlive = (id: string) => !id.startsWith('-');
        expect(up.filter(isAlive)).toEqual(down.filter(isAlive).reverse());
        // A deletion also stands at its own place.
        expect(new Set(up)).toEqual(new Set(down));
      }),
      { numRuns: 200 },
    );
  });
});

const vectors = fc
  .array(fc.option(fc.nat({ max: 80 })), { minLength: 3, maxLength: 3 })
  .map((offsets): Positions => {
    const all = ORIGINS.map((origin, index) => [origin, offsets[index] ?? -1] as const);
    return new Map(all.filter(([, offset]) => offset >= 0));
  });

it('the link of a gap has exactly what stands between its positions', async () => {
  await fc.assert(
    fc.asyncProperty(histories, limits, vectors, vectors, async (plan, limit, after, upTo) => {
      const history = built(plan, true);
      const ends = new Map(
        [...upTo].map(([origin, offset]) => [origin, Math.min(offset, versionOf(history, origin))]),
      );
      const known = new Map([...ends].filter(([, offset]) => offset >= 0));
      const pages = await walk(history, { after, upTo: known, limit });
      const isIn = (row: { origin: string; offset: number }) =>
        row.offset > (after.get(row.origin) ?? -1) && row.offset <= (known.get(row.origin) ?? -1);
      const all = ORIGINS.flatMap((origin) => counted(history, origin));
      // A stream sends no copy of what was left out: also if another copy counts, after the end.
      const isLater = ({ id }: { id: string }) =>
        all.some((row) => row.id === id && row.offset > (known.get(row.origin) ?? -1));
      const rows = history.rows.filter((row) => {
        return !row.isDeletion && isIn(row) && (all.includes(row) || isLater(row));
      });
      const ids = pages.flatMap(idsOf);
      const alive = ids.filter((id) => !id.startsWith('-'));
      const expected = rows.map(({ id }) => id).filter((id) => !history.deleted.has(id));
      expect([...new Set(alive)].sort()).toEqual([...new Set(expected)].sort());
      const deletions = history.rows.filter((row) => row.isDeletion && isIn(row));
      const deleted = rows.filter(({ id }) => history.deleted.has(id));
      expect(new Set(ids.filter((id) => id.startsWith('-')))).toEqual(
        new Set([...deletions, ...deleted].map(({ id }) => `-${id}`)),
      );
    }),
    { numRuns: 300 },
  );
});

it('a page before an entry continues a walk that has shown the entry', async () => {
  await fc.assert(
    fc.asyncProperty(histories, fc.nat(), async (plan, pick) => {
      // Different times: of equal ones a page may repeat an entry.
      const steps = plan.steps.map((each) => ({ ...each, wait: each.wait + 1 }));
      const history = built({ ...plan, steps }, false);
      const all = (await walk(history, { limit: 100 })).flatMap((page) =>
        page.entries.map(({ id }) => id),
      );
      const at = pick % Math.max(all.length, 1);
      const before = all[at];
      if (before === undefined) return;
      const pages = await walk(history, { before, limit: 7 });
      expect(pages.flatMap((page) => page.entries.map(({ id }) => id))).toEqual(all.slice(at + 1));
    }),
    { numRuns: 300 },
  );
});

function versionOf(history: TestHistory, origin: string): number {
  return history.of(origin).at(-1)?.offset ?? -1;
}
