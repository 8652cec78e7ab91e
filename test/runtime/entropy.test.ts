import { pooled, systemEntropy } from '../../runtime/entropy';

describe('pooled randomness', () => {
  it('returns no byte of its source twice, for calls of any size', () => {
    let next = 0;
    const source = (count: number) => Uint8Array.from({ length: count }, () => next++ % 251);
    const bytes = pooled(source, 10);
    const given = [4, 4, 4, 25, 1, 10, 9].flatMap((count) => {
      const got = [...bytes(count)];
      expect(got).toHaveLength(count);
      return got;
    });
    const steps = given.slice(1).map((value, at) => (value - (given[at] ?? 0) + 251) % 251);
    expect(Math.min(...steps)).toBeGreaterThan(0);
  });
});

describe("the machine's randomness", () => {
  it('creates different ids', () => {
    const ids = Array.from({ length: 2_000 }, () => systemEntropy.secretId());
    expect(new Set(ids).size).toBe(2_000);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    const timed = Array.from({ length: 2_000 }, () => systemEntropy.timedId(1_700_000_000_000));
    expect(new Set(timed).size).toBe(2_000);
  });
});
