import type { StoredEntry } from '../row-store';
import type { RowWrite } from './row-store';

/**
 * Rows in memory that wait to be written. Most are never looked up: so they are kept as they came,
 * and only a look-up indexes those that came before it.
 */
export class PendingRows {
  private readonly all: RowWrite[] = [];
  private count = 0;
  /** By channel and id, the copy with the lowest offset of the first `indexed` writes. */
  private readonly index = new Map<string, Map<string, StoredEntry>>();
  private indexed = 0;

  /** How many rows were added; copies of one row count each. */
  get size(): number {
    return this.count;
  }

  get writes(): readonly RowWrite[] {
    return this.all;
  }

  add(write: RowWrite): void {
    this.all.push(write);
    this.count += write.entries.length;
  }

  find(channel: string, id: string): StoredEntry | undefined {
    for (; this.indexed < this.all.length; this.indexed++) this.note(this.all[this.indexed]);
    return this.index.get(channel)?.get(id);
  }

  private note(write: RowWrite | undefined): void {
    if (!write) return;
    const ofChannel = this.index.get(write.channel) ?? new Map<string, StoredEntry>();
    this.index.set(write.channel, ofChannel);
    for (const entry of write.entries) {
      const first = ofChannel.get(entry.id);
      if (!first || entry.offset < first.offset) ofChannel.set(entry.id, entry);
    }
  }
}
