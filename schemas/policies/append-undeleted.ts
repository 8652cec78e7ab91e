import type { Undeleted } from '../policy';
import type { Ring } from './append-ring';

/**
 * The entries that `other` has deleted, and `own` not. Those that `other` has itself are no
 * exception: a member may have sent the entry to both logs.
 */
export function undeletedIn(
  own: Ring,
  other: Ring,
  deletedIds: readonly string[] = [],
): readonly Undeleted[] {
  if (other.deletions.length === 0 && deletedIds.length === 0) return [];
  const passed = new Set(own.deletions.map((deletion) => deletion.id));
  const held = new Set<string>();
  for (const { body, id: of } of own.entries) (body === undefined ? passed : held).add(of);
  // Without evicted entries, the log has no other ones up to the state's version.
  const isElsewhere = own.floor < 0 ? false : undefined;
  const ids = new Set([...other.deletions.map((deletion) => deletion.id), ...deletedIds]);
  const undeleted: Undeleted[] = [];
  for (const of of ids) {
    if (!passed.has(of)) undeleted.push({ id: of, isOwn: held.has(of) || isElsewhere });
  }
  return undeleted;
}
