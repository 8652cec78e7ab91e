import type { LikeStore, Offsets } from '../producers/store';
import { datacenterOf } from '../schemas/broadcast';
import type { DuplicateFilter } from './duplicate-filter';
import type { Fold } from './fold';
import { byChannel, isLike, type LogEvent, type Logged } from './log-event';
import type { Peers } from './peers';

export interface StoredLikesOptions {
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly store: LikeStore;
  readonly duplicates: DuplicateFilter;
  readonly fold: Fold;
  readonly peers?: Pick<Peers, 'isIncomplete'> | undefined;
}

/** What the store says of a like. */
export interface Found {
  /** Whether an earlier record of our log, or an earlier log of our datacenter, has it. */
  readonly isCopy: boolean;
  /** Whether an earlier log of our datacenter has it. */
  readonly isOfEarlierLog: boolean;
  /** The origins of other datacenters whose logs have it. */
  readonly elsewhere: readonly string[];
}

/** Looks likes up in the store, for an owner that cannot tell by itself whether they are copies. */
export class StoredLikes {
  constructor(private readonly options: StoredLikesOptions) {}

  /**
   * What the store has of those likes from offset `next` on of which the owner cannot tell whether
   * they are copies; their channels are loaded. Rejects with `store_unavailable`.
   */
  async of(events: readonly LogEvent[], next: number): Promise<Map<Logged, Found>> {
    const found = new Map<Logged, Found>();
    for (const [channel, theirs] of byChannel(this.toLookUp(events, next))) {
      const ids = theirs.map(({ record }) => record.likeId);
      const offsets = await this.options.store.offsets(channel, ids);
      for (const event of theirs) {
        const stored = offsets.get(event.record.likeId);
        if (stored) found.set(event, this.judge(event, stored));
      }
    }
    return found;
  }

  /** Whether an id of the channel may be unknown here that was of the future when it came. */
  mayLackFutureIds(channel: string): boolean {
    const { duplicates, fold } = this.options;
    if (duplicates.isFutureIncomplete) return duplicates.isBefore(fold.lookUpUntil(channel));
    return duplicates.isBefore(fold.inheritedLookUpUntil(channel));
  }

  private toLookUp(events: readonly LogEvent[], next: number): Logged[] {
    const { duplicates, peers } = this.options;
    return events.filter(isLike).filter((event) => {
      duplicates.observe(event);
      if (event.offset < next) return false;
      if (duplicates.mustLookUp(event) || peers?.isIncomplete(duplicates.now)) return true;
      return this.mayLackFutureIds(event.channel);
    });
  }

  private judge({ offset }: Logged, { elsewhere, own }: Offsets): Found {
    const datacenter = datacenterOf(this.options.origin);
    const isOurs = (origin: string): boolean => datacenterOf(origin) === datacenter;
    const isOfEarlierLog = elsewhere.some((origin) => isOurs(origin) && this.isEarlier(origin));
    return {
      isCopy: isOfEarlierLog || (own ?? offset) < offset,
      isOfEarlierLog,
      elsewhere: elsewhere.filter((origin) => !isOurs(origin)),
    };
  }

  private isEarlier(origin: string): boolean {
    return generationOf(origin) < generationOf(this.options.origin);
  }
}

function generationOf(origin: string): number {
  return Number(origin.split('.')[1]);
}
