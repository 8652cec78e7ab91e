import type { Change, Database, Range, Value } from '../../adapters/embedded/database';
import type { Clock } from '../../runtime/clock';
import type { Seeded } from './seeded';
import type { Trace } from './trace';

const MAX_SYNC_MS = 4;

/**
 * A database on a simulated disk. A write can be read when it is synced, some milliseconds after
 * the call. A crash loses unsynced writes, or keeps some of them although their calls got no
 * answer, as real disks do.
 */
export class SimulatedDatabase implements Database {
  private readonly values = new Map<string, Value>();
  private readonly keys: string[] = [];
  /** Grows with each readable change. */
  revision = 0;
  private unsynced: { changes: readonly Change[]; told: () => void; failed: (e: Error) => void }[] =
    [];
  /** Whether the disk is full and refuses writes. */
  full = false;

  constructor(
    private readonly clock: Clock,
    private readonly random: Seeded,
    private readonly trace?: Trace | undefined,
  ) {}

  get(key: string): Value | undefined {
    return this.values.get(key);
  }

  *range({ from, to, limit, reverse = false }: Range): Iterable<{ key: string; value: Value }> {
    const begin = this.indexOf(from);
    const end = this.indexOf(to);
    const count = Math.min(Math.max(end - begin, 0), limit ?? Number.POSITIVE_INFINITY);
    const first = reverse ? end - count : begin;
    const keys = this.keys.slice(first, first + count);
    if (reverse) keys.reverse();
    for (const key of keys) yield { key, value: this.values.get(key) as Value };
  }

  write(changes: readonly Change[]): Promise<void> {
    return new Promise((told, failed) => {
      this.unsynced.push({ changes, told, failed });
      if (this.unsynced.length === 1)
        this.clock.after(this.random.below(MAX_SYNC_MS), () => this.sync());
    });
  }

  async close(): Promise<void> {
    this.sync();
  }

  /** Crashes: the first part of the unsynced writes may survive. */
  crash(): void {
    const kept = this.random.below(this.unsynced.length + 1);
    for (const { changes } of this.unsynced.slice(0, kept)) this.applyAll(changes);
    this.unsynced = [];
  }

  /** Removes keys, although they were synced. */
  erase(keys: readonly string[]): void {
    for (const key of keys) this.remove(key);
  }

  /** Replaces a value at once. */
  put(key: string, value: Value): void {
    this.apply({ key, value });
  }

  private sync(): void {
    const group = this.unsynced;
    this.unsynced = [];
    for (const { changes, told, failed } of group) {
      if (this.full) failed(new Error('no space left on device'));
      else {
        this.applyAll(changes);
        told();
      }
    }
  }

  private applyAll(changes: readonly Change[]): void {
    for (const change of changes) this.apply(change);
  }

  private apply({ key, value, replaces }: Change): void {
    const current = this.values.get(key);
    if (replaces && current !== undefined && !replaces(current)) return;
    this.trace?.note('write', key, Buffer.isBuffer(value) ? value.toString('hex') : value);
    if (value === undefined) this.remove(key);
    else {
      this.revision += 1;
      if (current === undefined) this.keys.splice(this.indexOf(key), 0, key);
      this.values.set(key, copyOf(value));
    }
  }

  private remove(key: string): void {
    if (!this.values.delete(key)) return;
    this.revision += 1;
    this.keys.splice(this.indexOf(key), 1);
  }

  private indexOf(key: string): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A copy, as a disk returns it: later changes of the original do not change it. */
function copyOf(value: Value): Value {
  return Buffer.isBuffer(value) ? Buffer.from(value) : JSON.parse(JSON.stringify(value));
}
