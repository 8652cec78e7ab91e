/** A power law: value = factor × at ^ exponent. */
export interface Fit {
  readonly exponent: number;
  readonly factor: number;
  /** The coefficient of determination (R²) of the logarithms, 0 to 1. */
  readonly r2: number;
}

/** A least-squares fit of the logarithms, without points that have none. */
export function powerLaw(points: readonly (readonly [number, number])[]): Fit | undefined {
  const logs = points
    .filter(([at, value]) => at > 0 && value > 0)
    .map(([at, value]) => [Math.log(at), Math.log(value)] as const);
  const [meanX, meanY] = [mean(logs.map(([x]) => x)), mean(logs.map(([, y]) => y))];
  const spreadX = sum(logs.map(([x]) => (x - meanX) ** 2));
  if (spreadX === 0) return undefined;
  const exponent = sum(logs.map(([x, y]) => (x - meanX) * (y - meanY))) / spreadX;
  const spreadY = sum(logs.map(([, y]) => (y - meanY) ** 2));
  const left = sum(logs.map(([x, y]) => (y - meanY - exponent * (x - meanX)) ** 2));
  return {
    exponent,
    factor: Math.exp(meanY - exponent * meanX),
    r2: spreadY === 0 ? 1 : 1 - left / spreadY,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / Math.max(1, values.length);
}
