import type { Seen } from '../../schemas/event-type';

/** What a viewer has seen of a feed, relative to the feed's sent state. */
export type Comparison = 'same' | 'behind' | 'ahead' | 'unusable';

/**
 * Compares origin by origin. A viewer that is ahead in any origin is `ahead`: the worker lacks a
 * state that the viewer has seen. A total that is impossible for its versions is forged or of
 * another log.
 */
export function compareSeen(viewer: Seen, feed: Seen): Comparison {
  if (viewer.versions.size === 0 && viewer.total > 0) return 'unusable';
  let behind = viewer.versions.size < feed.versions.size;
  for (const [origin, version] of viewer.versions) {
    const ours = feed.versions.get(origin);
    if (ours === undefined || version > ours) return 'ahead';
    if (version < ours) behind = true;
  }
  if (behind) return 'behind';
  return viewer.total === feed.total ? 'same' : 'unusable';
}
