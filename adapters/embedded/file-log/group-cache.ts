import type { FiledRecord } from './record-bytes';
import type { Segment } from './segment';

/** Records in memory; if there are more, the oldest groups are evicted. */
const MAX_CACHED_RECORDS = 20_000;

/** The groups written last: owners read them at once, so they are seldom read from the disk. */
export class GroupCache {
  private readonly groups = new Map<string, readonly FiledRecord[]>();
  private count = 0;

  add(segment: Segment, position: number, records: readonly FiledRecord[]): void {
    this.groups.set(nameOf(segment, position), records);
    this.count += records.length;
    for (const [name, oldest] of this.groups) {
      if (this.count <= MAX_CACHED_RECORDS) return;
      this.groups.delete(name);
      this.count -= oldest.length;
    }
  }

  /** The group at a position, from memory or from the file. */
  read(segment: Segment, position: number): readonly FiledRecord[] {
    return this.groups.get(nameOf(segment, position)) ?? segment.read(position);
  }

  /** Evicts the groups of a file that is removed. */
  drop({ name: removed }: Segment): void {
    for (const [name, records] of this.groups) {
      if (!name.startsWith(`${removed}@`)) return;
      this.groups.delete(name);
      this.count -= records.length;
    }
  }
}

function nameOf({ name }: Segment, position: number): string {
  return `${name}@${position}`;
}
