import type { FoundEntry } from '../adapters/row-store';
import { BoundedMap } from '../runtime/bounded-map';
import { LikestreamError } from '../schemas/errors';

/** The most entries that are kept to answer repeats. Owners count a later repeat once, too. */
export const MAX_RECENT_IDS = 20_000;

/** The entries of a write, in the order of its ids. */
type Written = Promise<readonly FoundEntry[]>;

/** The entries of one event type that this process accepted last, by channel and id. */
export class RecentIds {
  // Separate, so that an id in flight is always found: a record never has one id twice. The
  // limits of the log and of the store bound it.
  private readonly inFlight = new Map<string, Written>();
  private readonly done = new BoundedMap<string, FoundEntry>(MAX_RECENT_IDS);

  has(channel: string, id: string): boolean {
    const name = nameOf(channel, id);
    return this.inFlight.has(name) || this.done.get(name) !== undefined;
  }

  get(channel: string, id: string): FoundEntry | Promise<FoundEntry> | undefined {
    const name = nameOf(channel, id);
    const written = this.inFlight.get(name);
    if (!written) return this.done.get(name);
    const entry = entryOf(written, id);
    // The caller may wait for another one first, which fails.
    entry.catch(() => undefined);
    return entry;
  }

  /** Keeps the entries of a write in flight. If it fails, its ids can be sent again. */
  add(channel: string, ids: readonly string[], written: Written): void {
    const names = ids.map((id) => nameOf(channel, id));
    for (const name of names) this.inFlight.set(name, written);
    written.then(
      (entries) => {
        for (const [index, entry] of entries.entries()) {
          const name = names[index];
          if (name !== undefined) this.done.set(name, entry);
        }
        this.remove(names, written);
      },
      () => this.remove(names, written),
    );
  }

  private remove(names: readonly string[], written: Written): void {
    for (const name of names) {
      if (this.inFlight.get(name) === written) this.inFlight.delete(name);
    }
  }
}

function nameOf(channel: string, id: string): string {
  return `${channel}/${id}`;
}

async function entryOf(written: Written, id: string): Promise<FoundEntry> {
  const found = (await written).find((entry) => entry.id === id);
  if (!found) throw new LikestreamError('internal', `${id} is missing among the entries`);
  return found;
}
