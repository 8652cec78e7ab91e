import type { GroupRecords } from './record-bytes';
import type { Segment } from './segment';

/** About what the cached records take in memory; if it is more, the oldest groups are evicted. */
const MAX_CACHED_BYTES = 8 * 1024 * 1024;

/** What a record takes besides its value, about. */
const RECORD_BYTES = 256;

interface CachedGroup {
  readonly records: GroupRecords;
  readonly bytes: number;
}

/** The groups written last: owners read them at once, so they are seldom read from the disk. */
export class GroupCache {
  private readonly groups = new Map<string, CachedGroup>();
  private bytes = 0;
  /**
   * The names from the oldest one on. Kept between calls: a map keeps holes where names were
   * deleted, and a new iterator would pass all of them.
   */
  private names: IterableIterator<string> = this.groups.keys();

  add(segment: Segment, position: number, records: GroupRecords): void {
    const bytes = bytesOf(records);
    this.groups.set(nameOf(segment, position), { records, bytes });
    this.bytes += bytes;
    while (this.bytes > MAX_CACHED_BYTES && this.groups.size > 1) this.evictOldest();
  }

  /** The group at a position, from memory or from the file. */
  read(segment: Segment, position: number): GroupRecords {
    const cached = this.groups.get(nameOf(segment, position));
    if (cached) return cached.records;
    // Kept, because the owners of other partitions read it, too.
    const records = segment.read(position);
    this.add(segment, position, records);
    return records;
  }

  /** Evicts the groups of a file that is removed. */
  drop({ name: removed }: Segment): void {
    for (const name of this.groups.keys()) {
      if (name.startsWith(`${removed}@`)) this.evict(name);
    }
    // An iterator keeps all that was deleted since it moved, and drops alone may keep the cache small.
    this.names = this.groups.keys();
  }

  private evictOldest(): void {
    const { done, value } = this.names.next();
    if (done) this.names = this.groups.keys();
    else this.evict(value);
  }

  private evict(name: string): void {
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

function nameOf({ name }: Segment, position: number): string {
  return `${name}@${position}`;
}
