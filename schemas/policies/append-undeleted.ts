import type { Undeleted } from '../policy';
import type { Ring } from './append-ring';

/**
 * The entries that `other` has deleted, and that `own` has, or may have had before its floor. Those
 * that `other` has itself are of its log.
 */
export function undeletedIn(own: Ring, other: Ring): readonly Undeleted[] {
  if (other.deletions.length === 0) return [];
  const passed = new Set(other.entries.map((entry) => entry.id));
  for (const deletion of own.deletions) passed.add(deletion.id);
  const held = new Set<string>();
  for (const { body, id: of } of own.entries) (body === undefined ? passed : held).add(of);
  const ids = new Set(other.deletions.map((deletion) => deletion.id));
  const undeleted: Undeleted[] = [];
  for (const of of ids) {
    if (held.has(of)) undeleted.push({ id: of, isOwn: true });
    else if (own.floor >= 0 && !passed.has(of)) undeleted.push({ id: of, isOwn: false });
  }
  return undeleted;
}
