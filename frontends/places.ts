import type { Place } from '../schemas/place';

/** How a viewer's place stands to the channel's flushed one. */
export type Standing = 'same' | 'behind' | 'ahead' | 'unusable';

/**
 * Compares places origin by origin. `ahead` in any origin is ahead: the worker has to catch up
 * first. With one origin the same total is the same place, whatever versions moved on with nothing
 * counted. With several it is not: a like may have been cancelled and another one counted, so the
 * reactions differ. A total that these versions cannot have had was made up, or comes from another
 * log.
 */
export function standing(viewer: Place, channel: Place): Standing {
  if (viewer.versions.size === 0 && viewer.total > 0) return 'unusable';
  let behind = viewer.versions.size < channel.versions.size;
  for (const [origin, version] of viewer.versions) {
    const ours = channel.versions.get(origin);
    if (ours === undefined || version > ours) return 'ahead';
    if (version < ours) behind = true;
  }
  // Only if there are several datacenters is a like ever cancelled.
  const mayStepBack = channel.versions.size > 1;
  if (viewer.total === channel.total && !(behind && mayStepBack)) return 'same';
  return behind && (mayStepBack || viewer.total < channel.total) ? 'behind' : 'unusable';
}
