/** Items of one call in flight at the same time: each must be answered within its time-out. */
export const MAX_IN_FLIGHT = 500;

/** Calls `each` for all items, a bounded number at a time. Resolves with the results, in order. */
export async function inBatches<T, R>(
  items: readonly T[],
  each: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += MAX_IN_FLIGHT) {
    results.push(...(await Promise.all(items.slice(at, at + MAX_IN_FLIGHT).map(each))));
  }
  return results;
}
