import type { Place } from '../../schemas/place';

/** A viewer's place, relative to that of the channel's sent state. */
export type Comparison = 'same' | 'behind' | 'ahead' | 'unusable';

/**
 * Compares places origin by origin. A viewer that is ahead in any origin is `ahead`: the worker
 * lacks a state that the viewer has seen. With one origin, equal totals are equal places, because
 * versions may advance without a count. With several origins they are not: if a like was cancelled
 * and another one counted, the reactions differ. A total that is impossible for its versions is
 * forged or of another log.
 */
export function comparePlaces(viewer: Place, channel: Place): Comparison {
  if (viewer.versions.size === 0 && viewer.total > 0) return 'unusable';
  let behind = viewer.versions.size < channel.versions.size;
  for (const [origin, version] of viewer.versions) {
    const ours = channel.versions.get(origin);
    if (ours === undefined || version > ours) return 'ahead';
    if (version < ours) behind = true;
  }
  // Likes are cancelled only with several datacenters. A recount may correct a single origin, too:
  // then the total differs, or the next generation of the log soon makes a second origin.
  const mayDecrease = channel.versions.size > 1;
  if (viewer.total === channel.total && !(behind && mayDecrease)) return 'same';
  return behind ? 'behind' : 'unusable';
}
