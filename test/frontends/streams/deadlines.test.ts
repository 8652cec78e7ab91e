import fc from 'fast-check';
import '../../fixtures/same-runs';
import { Deadlines, MAX_ITEMS_PER_TURN, SLOT_MS } from '../../../frontends/streams/deadlines';
import { VirtualClock } from '../../simulation/virtual-clock';

function deadlines() {
  const clock = new VirtualClock();
  const due: string[] = [];
  const all = new Deadlines<string>(clock, (item) => due.push(item));
  return { all, clock, due };
}

describe('an item', () => {
  it('is due once, at its deadline or up to a slot later', async () => {
    const { all, clock, due } = deadlines();
    all.set('a', 1_001);
    await clock.advance(1_000);
    expect(due).toEqual([]);
    await clock.advance(SLOT_MS);
    expect(due).toEqual(['a']);
    await clock.advance(10_000);
    expect([due, all.size]).toEqual([['a'], 0]);
  });

  it('is due at an earlier deadline that is set later', async () => {
    const { all, clock, due } = deadlines();
    all.set('late', 5_000);
    all.set('early', 100);
    await clock.advance(100);
    expect(due).toEqual(['early']);
  });

  it('with a passed deadline is due in the next turn', async () => {
    const { all, clock, due } = deadlines();
    await clock.advance(1_000);
    all.set('a', 10);
    expect(due).toEqual([]);
    await clock.advance(0);
    expect(due).toEqual(['a']);
  });

  it('may set a new deadline when it is due', async () => {
    const clock = new VirtualClock();
    const times: number[] = [];
    const all = new Deadlines<string>(clock, (item) => {
      times.push(clock.monotonic());
      if (times.length < 3) all.set(item, clock.monotonic() + 100);
    });
    all.set('a', 100);
    await clock.advance(1_000);
    expect(times).toEqual([100, 200, 300]);
  });

  it('is not due after `close`', async () => {
    const { all, clock, due } = deadlines();
    all.set('a', 100);
    all.close();
    all.set('b', 100);
    await clock.advance(1_000);
    expect(due).toEqual([]);
  });
});

describe('very many items', () => {
  it('of one time are due in several turns of the event loop', async () => {
    const { all, clock, due } = deadlines();
    for (let at = 0; at < 3 * MAX_ITEMS_PER_TURN; at++) all.set(`item-${at}`, 1_000);
    const lengths: number[] = [];
    const watch = (): void => {
      lengths.push(due.length);
      if (due.length < 3 * MAX_ITEMS_PER_TURN) clock.after(0, watch);
    };
    clock.after(1_000, watch);
    await clock.advance(1_000);
    const steps = lengths.slice(1).map((length, at) => length - (lengths[at] ?? 0));
    expect(Math.max(...steps)).toBeLessThanOrEqual(MAX_ITEMS_PER_TURN);
    expect(new Set(due).size).toBe(3 * MAX_ITEMS_PER_TURN);
  });

  it('are each due within a slot of their last deadline', async () => {
    const steps = fc.array(
      fc.record({
        item: fc.constantFrom('a', 'b', 'c', 'd'),
        ms: fc.option(fc.nat({ max: 500 }), { nil: undefined }),
        wait: fc.nat({ max: 200 }),
      }),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const clock = new VirtualClock();
        const expected = new Map<string, number>();
        const wrong: string[] = [];
        const items = new Deadlines<string>(clock, (item) => {
          const late = clock.monotonic() - (expected.get(item) ?? Number.NaN);
          if (!(late >= 0 && late <= SLOT_MS)) wrong.push(`${item} ${late}`);
          expected.delete(item);
        });
        for (const { item, ms, wait } of all) {
          const at = ms === undefined ? undefined : clock.monotonic() + ms;
          items.set(item, at);
          if (at === undefined) expected.delete(item);
          else expected.set(item, at);
          await clock.advance(wait);
        }
        await clock.advance(1_000);
        expect([wrong, [...expected.keys()], items.size]).toEqual([[], [], 0]);
      }),
      { numRuns: 60 },
    );
  });
});
