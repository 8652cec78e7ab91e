import fc from 'fast-check';
import '../fixtures/same-runs';
import { Window } from '../../dispatchers/window';

const WINDOW_MS = 1_000;
const ids = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe('Window', () => {
  it('takes an id once', () => {
    const window = new Window(WINDOW_MS);
    expect(window.admit(5n, 0)).toBe(true);
    expect(window.admit(5n, 0)).toBe(false);
    expect(window.admit(6n, 0)).toBe(true);
  });

  it('knows an id for at least the window, wherever in it it came', () => {
    fc.assert(
      fc.property(ids, fc.nat({ max: 10_000 }), fc.nat({ max: WINDOW_MS }), (id, at, later) => {
        const window = new Window(WINDOW_MS);
        window.admit(id, at);
        expect(window.admit(id, at + later)).toBe(false);
      }),
    );
  });

  it('has let an id go after twice the window', () => {
    fc.assert(
      fc.property(ids, fc.nat({ max: 10_000 }), fc.nat({ max: 10_000 }), (id, at, later) => {
        const window = new Window(WINDOW_MS);
        window.admit(id, at);
        expect(window.admit(id, at + 2 * WINDOW_MS + later)).toBe(true);
      }),
    );
  });

  it('knows every id of the window, however many come', () => {
    const window = new Window(WINDOW_MS);
    for (let id = 1n; id <= 20_000n; id++) expect(window.admit(id, 500)).toBe(true);
    expect(window.size).toBe(20_000);
    for (let id = 1n; id <= 20_000n; id++) {
      if (window.admit(id, 1_400)) throw new Error(`${id} was forgotten`);
    }
  });

  it('takes no id for another one, those that differ in their upper half alone included', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(ids, { maxLength: 40 }),
        fc.bigInt(0n, 2n ** 32n - 1n),
        (of, low) => {
          const window = new Window(WINDOW_MS);
          const alike = [...new Set(of.map((id) => ((id >> 32n) << 32n) | low))].filter(Boolean);
          for (const id of alike) expect(window.admit(id, 0)).toBe(true);
          for (const id of alike) expect(window.admit(id, 0)).toBe(false);
        },
      ),
    );
  });

  it('forgets nothing because a record of earlier comes late', () => {
    const window = new Window(WINDOW_MS);
    window.admit(1n, 900);
    window.admit(2n, 1_100);
    window.admit(3n, 100);
    for (const id of [1n, 2n, 3n]) expect(window.admit(id, 1_500)).toBe(false);
  });

  it('is the same for a successor that reads the same records, from twice the window back', () => {
    const records = fc.array(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 200 })), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(records, (steps) => {
        let at = 0;
        const log = steps.map(([id, apart]) => {
          at += apart;
          return { id: BigInt(id), at };
        });
        const [first, second] = [new Window(WINDOW_MS), new Window(WINDOW_MS)];
        const start = log.findIndex((record) => record.at >= at - 2 * WINDOW_MS);
        for (const record of log) first.admit(record.id, record.at);
        for (const record of log.slice(Math.max(start, 0))) second.admit(record.id, record.at);
        for (let id = 0n; id <= 30n; id++) {
          const lately = log.some((record) => record.id === id && record.at >= at - WINDOW_MS);
          if (!lately) continue;
          expect([first.admit(id, at), second.admit(id, at)]).toEqual([false, false]);
        }
      }),
    );
  });
});
