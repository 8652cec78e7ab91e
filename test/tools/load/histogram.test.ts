import { Histogram } from '../../../tools/load/histogram';

function of(values: Iterable<number>): Histogram {
  const histogram = new Histogram();
  for (const value of values) {
    histogram.record(value);
  }
  return histogram;
}

describe('Histogram', () => {
  it('is exact below 256', () => {
    const histogram = of(Array.from({ length: 256 }, (_, value) => value));
    expect(histogram.quantile(0.5)).toBe(127);
    expect(histogram.quantile(1)).toBe(255);
  });

  it('is within 1 % everywhere', () => {
    for (let value = 1; value < 2 ** 31; value = Math.ceil(value * 1.003)) {
      // The greatest value is exact, so another greater one is necessary.
      const found = of([value, value, 2 ** 31 - 1]).quantile(0.5);
      expect(Math.abs(found - value)).toBeLessThanOrEqual(value * 0.01);
    }
  });

  it('has the quantiles of many values', () => {
    const { count, p50, p90, p99, max } = of(
      Array.from({ length: 100_000 }, (_, value) => value + 1),
    ).quantiles(0.001);
    expect(count).toBe(100_000);
    expect(p50 / 50).toBeCloseTo(1, 1);
    expect(p90 / 90).toBeCloseTo(1, 1);
    expect(p99 / 99).toBeCloseTo(1, 1);
    expect(max).toBe(100);
  });

  it('limits values to its range', () => {
    const histogram = of([-5, 2 ** 40]);
    expect(histogram.quantile(0.5)).toBe(0);
    expect(histogram.max).toBe(2 ** 31 - 1);
  });

  it('is empty at first and after a reset', () => {
    const histogram = of([3]);
    histogram.reset();
    expect(histogram.quantiles()).toEqual({ count: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  });
});
