import type { Offsets, RowStore } from '../../adapters/row-store';
import { generationOf } from '../../schemas/origins';
import { datacenterOf } from '../../schemas/peer-update';
import type { Now } from '../../schemas/retention';
import { byChannel } from '../by-channel';
import type { DuplicateFilter } from './duplicate-filter';
import type { Fold } from './fold';
import { isLike, type LikeEvent, type LogEvent } from './log-event';

export interface StoredLookupOptions {
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly store: RowStore;
  readonly duplicates: DuplicateFilter;
  readonly fold: Fold;
  /** The ids that peers have counted, which may be incomplete. */
  readonly peers?: { isIncomplete(now: Now): boolean } | undefined;
}

/** The result of looking up a like or a cancel in the store. */
export interface LookupResult {
  /** Whether it is a duplicate in our log or of an earlier log of our datacenter. */
  readonly isCopy: boolean;
  /** Whether an earlier log of our datacenter has it. */
  readonly isOfEarlierLog: boolean;
  /** The origins of other datacenters whose logs have it. */
  readonly elsewhere: readonly string[];
}

/** Looks likes up in the store if the ids in memory do not show whether they are duplicates. */
export class StoredLookup {
  constructor(private readonly options: StoredLookupOptions) {}

  /**
   * Looks up the events from offset `next` on that may be duplicates. Their channels must be
   * loaded. Rejects with `store_unavailable`.
   */
  async lookUp(events: readonly LogEvent[], next: number): Promise<Map<LogEvent, LookupResult>> {
    const channels = [...byChannel(this.toLookUp(events, next))];
    const found = new Map<LogEvent, LookupResult>();
    await Promise.all(
      channels.map(([channel, ofChannel]) => this.lookUpIn(channel, ofChannel, found)),
    );
    await this.reloadWithdrawn(found);
    return found;
  }

  private async lookUpIn(
    channel: string,
    events: readonly LogEvent[],
    found: Map<LogEvent, LookupResult>,
  ): Promise<void> {
    const likeIds = events.map(({ likeId }) => likeId);
    const offsets = await this.options.store.offsets(channel, likeIds);
    for (const event of events) {
      const stored = offsets.get(event.likeId);
      if (stored) found.set(event, this.resultOf(event, stored));
    }
  }

  // An earlier owner may have folded the cancel; then the saved state includes it.
  private async reloadWithdrawn(found: ReadonlyMap<LogEvent, LookupResult>): Promise<void> {
    const withdrawn = [...found].filter(([event, { isCopy }]) => isCopy && !isLike(event));
    await this.options.fold.reload(new Set(withdrawn.map(([{ channel }]) => channel)));
  }

  /** Whether the ids in memory may lack an id of the channel that was of the future. */
  mayLackFutureIds(channel: string): boolean {
    const { duplicates, fold } = this.options;
    if (duplicates.isFutureIncomplete) return duplicates.isBefore(fold.lookUpUntil(channel));
    return duplicates.isBefore(fold.inheritedLookUpUntil(channel));
  }

  private toLookUp(events: readonly LogEvent[], next: number): LogEvent[] {
    const { duplicates } = this.options;
    return events.filter((event) => {
      if (isLike(event)) duplicates.observe(event);
      if (event.offset < next) return false;
      return isLike(event) ? this.mustLookUp(event) : !duplicates.has(event.id);
    });
  }

  private mustLookUp(event: LikeEvent): boolean {
    const { duplicates, peers } = this.options;
    if (duplicates.mustLookUp(event) || peers?.isIncomplete(duplicates.now)) return true;
    return this.mayLackFutureIds(event.channel);
  }

  private resultOf(event: LogEvent, { elsewhere, isWithdrawn, own }: Offsets): LookupResult {
    // A like is withdrawn only after its cancel is saved, so this cancel is a duplicate.
    if (!isLike(event)) return { isCopy: isWithdrawn, isOfEarlierLog: false, elsewhere: [] };
    const { offset } = event;
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
