import type { GroupRecords } from './record-bytes';
import type { Segment } from './segment';

/** A file, as the cache reads it. */
type Source = Pick<Segment, 'name' | 'read'>;

/** About what the cached records take in memory; if it is more, the oldest groups are evicted. */
export const MAX_CACHED_BYTES = 8 * 1024 * 1024;

/** What a record takes besides its value, about. */
const RECORD_BYTES = 256;

interface CachedGroup {
  readonly records: GroupRecords;
  readonly bytes: number;
}

/** The groups written last: owners read them at once, so they are seldom read from the disk. */
export class GroupCache {
  /** Those of a removed file leave when they are the oldest. */
  private readonly groups = new Map<string, CachedGroup>();
  private bytes = 0;
  /**
   * The names from the oldest one on. Kept between calls: a map keeps holes where names were
   * deleted, and a new iterator would pass all of them. Nothing else may delete: an iterator keeps
   * what was deleted since it moved.
   */
  private readonly names: IterableIterator<string> = this.groups.keys();

  add(segment: Source, position: number, records: GroupRecords): void {
    const bytes = bytesOf(records);
    this.groups.set(nameOf(segment, position), { records, bytes });
    this.bytes += bytes;
    while (this.bytes > MAX_CACHED_BYTES && this.groups.size > 1) this.evictOldest();
  }

  /** The group at a position, from memory or from the file. */
  read(segment: Source, position: number): GroupRecords {
    const cached = this.groups.get(nameOf(segment, position));
    if (cached) return cached.records;
    // Kept, because the owners of other partitions read it, too.
    const records = segment.read(position);
    this.add(segment, position, records);
    return records;
  }

  private evictOldest(): void {
    const { done, value: name } = this.names.next();
    // Never: the newest one is not evicted.
    if (done) return;
    this.bytes -= this.groups.get(name)?.bytes ?? 0;
    this.groups.delete(name);
  }
}

function bytesOf(records: GroupRecords): number {
  let bytes = 0;
  for (const ofPartition of records.values()) {
    for (const { value } of ofPartition) bytes += RECORD_BYTES + value.length;
  }
  return bytes;
}

function nameOf({ name }: Source, position: number): string {
  return `${name}@${position}`;
}
