import fc from 'fast-check';
import '../fixtures/same-runs';
import { Audience } from '../../frontends/audience';
import { Channel } from '../../frontends/channel';
import { type Row, Session } from '../../frontends/session';

const channel = new Channel('video:42');

function aRow(viewer: number): Row {
  const session = new Session(`session-${viewer}`, viewer, undefined, 0);
  const place = { seen: undefined, settleBy: undefined, missedSince: undefined };
  return { session, channel, ...place, index: 0 };
}

describe('an audience', () => {
  it('passes those in step, each once, and nobody else', () => {
    const audience = new Audience();
    const rows = Array.from({ length: 50 }, (_, at) => aRow(at + 1));
    for (const row of rows) audience.add(row);
    for (const row of rows.slice(0, 30)) audience.fallIn(row);
    audience.begin();
    expect(passAll(audience, 7)).toEqual(rows.slice(0, 30).map(({ session }) => session.viewer));
    expect(audience.pass(7)).toHaveLength(0);
  });

  it('passes nobody who fell in since the flush began, nor who fell out', () => {
    const audience = new Audience();
    const [one, other, late] = [aRow(1), aRow(2), aRow(3)];
    for (const row of [one, other, late]) audience.add(row);
    audience.fallIn(one);
    audience.fallIn(other);
    audience.begin();
    audience.fallIn(late);
    audience.fallOut(one);
    expect([one, other, late].map((row) => audience.isUnpassed(row))).toEqual([false, true, false]);
    expect(passAll(audience, 7)).toEqual([2]);
    expect([one, other, late].map((row) => audience.isInStep(row))).toEqual([false, true, true]);
  });

  it('finds the row of a viewer among those it has just passed, when others fell out meanwhile', () => {
    const audience = new Audience();
    const rows = Array.from({ length: 9 }, (_, at) => aRow(at + 1));
    for (const row of rows) {
      audience.add(row);
      audience.fallIn(row);
    }
    audience.begin();
    const passed = audience.pass(4);
    for (const viewer of [...passed]) {
      const row = audience.rowOf(viewer, passed);
      expect(row?.session.viewer).toBe(viewer);
      if (row) audience.fallOut(row);
    }
    expect(audience.sizeInStep).toBe(5);
  });

  it('keeps every row in its stretch, whatever happens', () => {
    const step = fc.record({
      do: fc.constantFrom('add', 'remove', 'in', 'out', 'begin', 'pass'),
      at: fc.nat({ max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const audience = new Audience();
        const model = new Map<Row, 'unpassed' | 'in' | 'out'>();
        let next = 1;
        for (const { do: what, at } of steps) {
          const row = [...model.keys()][at % Math.max(1, model.size)];
          if (what === 'add') {
            const added = aRow(next++);
            audience.add(added);
            model.set(added, 'out');
          } else if (what === 'begin') {
            audience.begin();
            for (const [each, where] of model) if (where === 'in') model.set(each, 'unpassed');
          } else if (what === 'pass') {
            const passed = new Set(audience.pass(at));
            for (const each of model.keys()) {
              if (!passed.has(each.session.viewer)) continue;
              expect(model.get(each)).toBe('unpassed');
              model.set(each, 'in');
            }
          } else if (row && what === 'remove') {
            audience.remove(row);
            model.delete(row);
          } else if (row && what === 'in') {
            audience.fallIn(row);
            if (model.get(row) === 'out') model.set(row, 'in');
          } else if (row) {
            audience.fallOut(row);
            model.set(row, 'out');
          }
          expectAs(audience, model);
        }
      }),
    );
  });
});

function passAll(audience: Audience, most: number): number[] {
  const passed: number[] = [];
  for (;;) {
    const some = audience.pass(most);
    if (some.length === 0) return passed.sort((a, b) => a - b);
    passed.push(...some);
  }
}

function expectAs(audience: Audience, model: ReadonlyMap<Row, string>): void {
  expect(audience.size).toBe(model.size);
  for (const [row, where] of model) {
    expect(audience.at(row.index)).toBe(row);
    expect(audience.isUnpassed(row)).toBe(where === 'unpassed');
    expect(audience.isInStep(row)).toBe(where !== 'out');
  }
}
