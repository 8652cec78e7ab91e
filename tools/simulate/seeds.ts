/** Yields `count` seeds in order. */
export function* seedsFrom(first: number, count: number): Iterator<number> {
  for (let seed = first; seed < first + count; seed++) yield seed;
}
