import type { Policy, Seen } from '../../schemas/event-type';

/** What a viewer has seen of a feed, relative to the feed's sent state. */
export type Comparison = 'same' | 'behind' | 'ahead' | 'unusable';

/**
 * Compares origin by origin. A viewer that is ahead in any origin is `ahead`: the worker lacks a
 * state that the viewer has seen. If the policy compares totals and there is one origin, equal
 * totals are the same place, because versions may advance without an entry. With several origins
 * they are not: if one entry was cancelled and another one counted, the views differ. A total that
 * is impossible for its versions is forged or of another log.
 */
export function compareSeen(
  { comparesTotals }: Pick<Policy, 'comparesTotals'>,
  viewer: Seen,
  feed: Seen,
): Comparison {
  if (viewer.versions.size === 0 && viewer.total > 0) return 'unusable';
  let behind = viewer.versions.size < feed.versions.size;
  for (const [origin, version] of viewer.versions) {
    const ours = feed.versions.get(origin);
    if (ours === undefined || version > ours) return 'ahead';
    if (version < ours) behind = true;
  }
  // Entries are cancelled only with several datacenters. A recount may correct a single origin,
  // too: then the total differs, or the next generation of the log soon makes a second origin.
  const decidesByTotal = comparesTotals && feed.versions.size <= 1;
  if (viewer.total === feed.total && (decidesByTotal || !behind)) return 'same';
  return behind ? 'behind' : 'unusable';
}
