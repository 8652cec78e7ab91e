import type { Offsets, RowStore } from '../../adapters/row-store';
import { datacenterOf, generationOf } from '../../schemas/origins';
import type { Now } from '../../schemas/retention';
import { byChannel } from '../by-channel';
import type { DuplicateFilter } from './duplicate-filter';
import type { Fold } from './fold';
import {
  type CancelEvent,
  type EntryEvent,
  isDeletion,
  isRecord,
  type LogEvent,
} from './log-event';

export interface StoredLookupOptions {
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly store: RowStore;
  readonly duplicates: DuplicateFilter;
  readonly fold: Fold;
  /** The ids that peers have counted, which may be incomplete. */
  readonly peers?: { isIncomplete(now: Now): boolean } | undefined;
}

/** An entry or a cancel, each of which is looked up by an id. */
export type LookupItem = EntryEvent | CancelEvent;

/** The result of looking up an entry or a cancel in the store. */
export interface LookupResult {
  /** Whether it is a duplicate in our log or of an earlier log of our datacenter. */
  readonly isCopy: boolean;
  /** Whether an earlier log of our datacenter has it. */
  readonly isOfEarlierLog: boolean;
  /** The origins of other datacenters whose logs have it. */
  readonly elsewhere: readonly string[];
}

/** Looks entries up in the store if the ids in memory do not show whether they are duplicates. */
export class StoredLookup {
  constructor(private readonly options: StoredLookupOptions) {}

  /**
   * Looks up what may be a duplicate in the events from offset `next` on. Their channels must be
   * loaded. Rejects with `store_unavailable`.
   */
  async lookUp(events: readonly LogEvent[], next: number): Promise<Map<LookupItem, LookupResult>> {
    const found = new Map<LookupItem, LookupResult>();
    const items = this.toLookUp(events, next);
    if (items.length === 0) return found;
    const channels = [...byChannel(items)];
    await Promise.all(
      channels.map(([channel, ofChannel]) => this.lookUpIn(channel, ofChannel, found)),
    );
    await this.reloadWithdrawn(found);
    return found;
  }

  private async lookUpIn(
    channel: string,
    items: readonly LookupItem[],
    found: Map<LookupItem, LookupResult>,
  ): Promise<void> {
    const entryIds = items.map(({ entryId }) => entryId);
    const offsets = await this.options.store.offsets(channel, entryIds);
    for (const item of items) {
      const stored = offsets.get(item.entryId);
      if (stored) found.set(item, this.resultOf(item, stored));
    }
  }

  // An earlier owner may have folded the cancel; then the saved state includes it.
  private async reloadWithdrawn(found: ReadonlyMap<LookupItem, LookupResult>): Promise<void> {
    const withdrawn = [...found].filter(([item, { isCopy }]) => isCopy && !isEntry(item));
    await this.options.fold.reload(new Set(withdrawn.map(([{ channel }]) => channel)));
  }

  /** Whether the ids in memory may lack an id of the channel that was of the future. */
  mayLackFutureIds(channel: string): boolean {
    const { duplicates, fold } = this.options;
    if (duplicates.isFutureIncomplete) return duplicates.isBefore(fold.lookUpUntil(channel));
    return duplicates.isBefore(fold.inheritedLookUpUntil(channel));
  }

  private toLookUp(events: readonly LogEvent[], next: number): LookupItem[] {
    const { duplicates } = this.options;
    const items: LookupItem[] = [];
    for (const event of events) {
      const mayBeNew = event.offset >= next;
      if (isDeletion(event)) continue;
      if (!isRecord(event)) {
        if (mayBeNew && !duplicates.has(event.fingerprint)) items.push(event);
        continue;
      }
      for (const entry of event.entries) {
        duplicates.observe(entry);
        if (mayBeNew && this.mustLookUp(entry)) items.push(entry);
      }
    }
    return items;
  }

  private mustLookUp(entry: EntryEvent): boolean {
    const { duplicates, peers } = this.options;
    if (duplicates.mustLookUp(entry) || peers?.isIncomplete(duplicates.now)) return true;
    return this.mayLackFutureIds(entry.channel);
  }

  private resultOf(item: LookupItem, { elsewhere, isWithdrawn, own }: Offsets): LookupResult {
    // An entry is withdrawn only after its cancel is saved, so this cancel is a duplicate.
    if (!isEntry(item)) return { isCopy: isWithdrawn, isOfEarlierLog: false, elsewhere: [] };
    const { offset } = item.record;
    const datacenter = datacenterOf(this.options.origin);
    const isOurs = (origin: string): boolean => datacenterOf(origin) === datacenter;
    const isOfEarlierLog = elsewhere.some((origin) => isOurs(origin) && this.isEarlier(origin));
    return {
      isCopy: isOfEarlierLog || (own?.offset ?? offset) < offset,
      isOfEarlierLog,
      elsewhere: elsewhere.filter((origin) => !isOurs(origin)),
    };
  }

  private isEarlier(origin: string): boolean {
    return generationOf(origin) < generationOf(this.options.origin);
  }
}

function isEntry(item: LookupItem): item is EntryEvent {
  return 'entry' in item;
}
