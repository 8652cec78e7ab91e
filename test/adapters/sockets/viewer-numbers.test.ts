import { MAX_SLOTS, SLOT_MASK, ViewerNumbers } from '../../../adapters/sockets/viewer-numbers';

describe("viewers' numbers", () => {
  it('are positive, fit into 32 bits, and differ while they are in use', () => {
    const numbers = new ViewerNumbers();
    const taken = Array.from({ length: 5_000 }, () => numbers.take());
    expect(new Set(taken).size).toBe(5_000);
    for (const viewer of taken) {
      expect(viewer).toBeGreaterThan(0);
      expect(viewer | 0).toBe(viewer);
      expect(numbers.has(viewer)).toBe(true);
    }
    expect(numbers.size).toBe(5_000);
  });

  it('are spread evenly over the remainders of small divisors', () => {
    const numbers = new ViewerNumbers();
    const counts = new Array<number>(20).fill(0);
    for (let at = 0; at < 2_000; at++) {
      const of = numbers.take() % 20;
      counts[of] = (counts[of] ?? 0) + 1;
    }
    expect(counts).toEqual(new Array(20).fill(100));
  });

  it('match no viewer once they are freed, and their slot gets another number', () => {
    const numbers = new ViewerNumbers();
    const first = numbers.take();
    expect(numbers.free(first)).toBe(true);
    expect(numbers.free(first)).toBe(false);
    const second = numbers.take();
    expect(second & SLOT_MASK).toBe(first & SLOT_MASK);
    expect(second).not.toBe(first);
    expect(numbers.has(first)).toBe(false);
    expect(numbers.free(first)).toBe(false);
    expect(numbers.has(second)).toBe(true);
    expect(numbers.size).toBe(1);
  });

  it('begin their generations again after the last one, without 0', () => {
    const numbers = new ViewerNumbers();
    const seen = new Set<number>();
    const generations = 2 ** 31 / MAX_SLOTS - 1;
    for (let at = 0; at < generations; at++) {
      const viewer = numbers.take();
      expect(viewer).toBeGreaterThan(0);
      seen.add(viewer);
      numbers.free(viewer);
    }
    expect(seen.size).toBe(generations);
    expect(seen).toContain(numbers.take());
  });

  it('reuse the slot that was freed first', () => {
    const numbers = new ViewerNumbers();
    const [a, b, c] = [numbers.take(), numbers.take(), numbers.take()];
    for (const viewer of [b, c, a]) numbers.free(viewer);
    const again = [numbers.take(), numbers.take(), numbers.take()];
    expect(again.map((viewer) => viewer & SLOT_MASK)).toEqual(
      [b, c, a].map((viewer) => viewer & SLOT_MASK),
    );
    expect(numbers.take() & SLOT_MASK).toBe(3);
  });

  it('ignore values that were never assigned', () => {
    const numbers = new ViewerNumbers();
    for (const never of [0, -1, 7, 2 ** 31 - 1]) {
      expect(numbers.has(never)).toBe(false);
      expect(numbers.free(never)).toBe(false);
    }
  });
});
