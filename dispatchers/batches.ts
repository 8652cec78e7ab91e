/** Commands of one call that are in flight at once: each has to be answered within its time-out. */
export const MAX_IN_FLIGHT = 500;

/** What `each` gives for all items, in their order, a bounded number of them at a time. */
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
