import type { FoundEntry } from '../adapters/row-store';
import { BoundedMap } from '../runtime/bounded-map';

/** The most entries that are kept to answer repeats. Owners count a later repeat once, too. */
export const MAX_RECENT_IDS = 20_000;

/** The entries of one event type that this process accepted last, by channel and id. */
export class RecentIds {
  // Separate, so that an id in flight is always found: a record never has one id twice. The
  // limits of the log and of the store bound it.
  private readonly inFlight = new Map<string, Promise<FoundEntry>>();
  private readonly done = new BoundedMap<string, FoundEntry>(MAX_RECENT_IDS);

  get(channel: string, id: string): FoundEntry | Promise<FoundEntry> | undefined {
    const name = `${channel}/${id}`;
    return this.inFlight.get(name) ?? this.done.get(name);
  }

  /** Keeps an entry in flight. If it fails, it is removed, so that it can be sent again. */
  add(channel: string, id: string, entry: Promise<FoundEntry>): void {
    const name = `${channel}/${id}`;
    this.inFlight.set(name, entry);
    entry.then(
      (written) => {
        this.done.set(name, written);
        this.remove(name, entry);
      },
      () => this.remove(name, entry),
    );
  }

  private remove(name: string, entry: Promise<FoundEntry>): void {
    if (this.inFlight.get(name) === entry) this.inFlight.delete(name);
  }
}
