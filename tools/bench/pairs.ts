/** One value of this checkout and one of the other, measured directly after each other. */
export type Pair<T> = readonly [ours: T, theirs: T];

/** The values below which a quarter, a half and three quarters of all values lie. */
export interface Quartiles {
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
}

/** A figure of this checkout compared with the same figure of the other one. */
export interface Comparison {
  /** The ratios ours / theirs of all pairs: a machine's drift changes both values of a pair. */
  readonly ratio: Quartiles;
  readonly ours: number;
  readonly theirs: number;
}

/**
 * Measures both sides in pairs. Every second pair begins with the other side, so that a drift
 * within the pairs cancels out.
 */
export async function inPairs<T>(
  count: number,
  [ours, theirs]: Pair<() => Promise<T>>,
): Promise<Pair<T>[]> {
  const pairs: Pair<T>[] = [];
  for (let at = 0; at < count; at++) {
    if (at % 2 === 0) {
      pairs.push([await ours(), await theirs()]);
    } else {
      const theirValue = await theirs();
      pairs.push([await ours(), theirValue]);
    }
  }
  return pairs;
}

/** The quartiles of the pairs' ratios, and the median of each side. */
export function comparisonOf(pairs: readonly Pair<number>[]): Comparison {
  if (pairs.length === 0) throw new Error('no pair was measured');
  if (pairs.flat().some((value) => !(value > 0 && Number.isFinite(value)))) {
    throw new Error(`a window without a figure: ${JSON.stringify(pairs)}`);
  }
  return {
    ratio: quartilesOf(pairs.map(([ours, theirs]) => ours / theirs)),
    ours: quartilesOf(pairs.map(([ours]) => ours)).p50,
    theirs: quartilesOf(pairs.map(([, theirs]) => theirs)).p50,
  };
}

/** Quartiles by linear interpolation between the two nearest values. */
export function quartilesOf(values: readonly number[]): Quartiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => {
    const position = share * (sorted.length - 1);
    const below = Math.floor(position);
    const [low = Number.NaN, high = low] = sorted.slice(below, below + 2);
    return low + (high - low) * (position - below);
  };
  return { p25: at(0.25), p50: at(0.5), p75: at(0.75) };
}
