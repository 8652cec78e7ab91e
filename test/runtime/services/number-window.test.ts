import fc from 'fast-check';
import '../../fixtures/same-runs';
import { NumberWindow, WINDOW_NUMBERS } from '../../../runtime/services/number-window';

it('uses each number once, in any order within the window', () => {
  const window = new NumberWindow();
  expect([3, 1, 2, 3, 1, 4].map((number) => window.use(number))).toEqual([
    ...[true, true, true, false, false, true],
  ]);
});

it('takes a number below the window for used', () => {
  const window = new NumberWindow();
  expect(window.use(WINDOW_NUMBERS + 10)).toBe(true);
  expect(window.use(10)).toBe(false);
  expect(window.use(11)).toBe(true);
});

it('agrees with a set of all used numbers, however far numbers jump', () => {
  const jump = fc.oneof(
    fc.integer({ min: -40, max: 40 }),
    fc.integer({ min: -2 * WINDOW_NUMBERS, max: 2 * WINDOW_NUMBERS }),
  );
  fc.assert(
    fc.property(fc.array(jump, { maxLength: 200 }), (jumps) => {
      const [window, used] = [new NumberWindow(), new Set<number>()];
      let [number, greatest] = [1, 0];
      for (const by of jumps) {
        number = Math.max(1, number + by);
        const isFresh = !used.has(number) && number > greatest - WINDOW_NUMBERS;
        expect(window.use(number)).toBe(isFresh);
        if (isFresh) used.add(number);
        greatest = Math.max(greatest, number);
      }
    }),
  );
});
