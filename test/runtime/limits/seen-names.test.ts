import { SeenNames } from '../../../runtime/limits/seen-names';

const names = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => `video:${from + at}`);

describe('SeenNames', () => {
  it('remembers the last names, and forgets older ones', () => {
    const seen = new SeenNames(1_000);
    for (const name of names(0, 5_000)) seen.add(name);
    expect(names(4_000, 5_000).every((name) => seen.has(name))).toBe(true);
    expect(names(0, 2_000).some((name) => seen.has(name))).toBe(false);
  });

  it('does not forget a name that is asked for again and again', () => {
    const seen = new SeenNames(100);
    seen.add('video:kept');
    for (const name of names(0, 10_000)) {
      seen.add(name);
      expect(seen.has('video:kept')).toBe(true);
    }
  });

  it('does not take new names for known ones, with few exceptions', () => {
    const seen = new SeenNames();
    for (const name of names(0, 50_000)) seen.add(name);
    expect(names(50_000, 60_000).filter((name) => seen.has(name)).length).toBeLessThan(20);
  });
});
