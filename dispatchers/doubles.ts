import type { Log, LogEntry } from '../producers/log';
import type { LikeStore, Offsets } from '../producers/store';
import type { Clock } from '../runtime/clock';
import { datacenterOf } from '../schemas/broadcast';
import type { DedupeWindow } from '../schemas/dedupe-window';
import { type CancelRecord, likes } from '../schemas/likes';
import { byChannel } from './log-event';
import type { OwnLogReader } from './own-log';
import { type Now, SeenIds } from './seen-ids';

/** Likes that may wait to be cancelled; if more wait, the partition accepts no records. */
const MAX_WAITING = 10_000;

export interface DoublesParts {
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly log: Log;
  readonly store: LikeStore;
  readonly clock: Clock;
  readonly dedupe: DedupeWindow;
}

/** A like of a channel, by its id and its fingerprint. */
export interface Named {
  readonly channel: string;
  readonly likeId: string;
  readonly reaction: string;
  readonly id: bigint;
  /** The time in the id, ms since the epoch; undefined unless it is a UUIDv7. */
  readonly made: number | undefined;
}

/** A like that another datacenter has counted. */
export interface Heard extends Named {
  readonly origin: string;
  /** Whether what there was to make of it was made: it is only to be known. */
  readonly isAgain: boolean;
}

interface Noted extends Named {
  /** When it was noted, ms since the epoch. */
  readonly at: number;
}

/**
 * Likes that two datacenters have taken: a client failed over in the middle. The one with the later
 * name takes its own back, by a record in its own log, so that its state stays a function of that
 * log. Found by whichever comes second: the other's word (`hear`), or our own copy (`counted`). A
 * like may be noted more than once, and appended more than once: the fold takes it back once.
 */
export class Doubles {
  private readonly heard: SeenIds;
  private readonly waiting = new Map<string, Noted>();

  constructor(private readonly parts: DoublesParts) {
    this.heard = new SeenIds({ retentionMs: parts.dedupe.retentionMs });
  }

  /** Our log has counted a like; the store, where it was asked, has it from `elsewhere`, too. */
  counted(like: Named, elsewhere: readonly string[] = []): void {
    const isDouble = this.heard.has(like.id) || elsewhere.some((origin) => this.yieldsTo(origin));
    if (isDouble) this.note(like);
  }

  /** Whether ids that peers have counted were dropped although they are still needed. */
  isIncomplete({ logTime }: Now): boolean {
    return this.heard.isIncomplete(logTime) || this.heard.isFutureIncomplete(logTime);
  }

  /** Our log has taken a like back. */
  cancelled(channel: string, likeId: string): void {
    this.waiting.delete(`${channel}/${likeId}`);
  }

  /**
   * Other datacenters have counted `theirs`, of one channel. Those that our log has, as the window of
   * it says or, where that cannot tell, the store, are noted.
   */
  async hear(channel: string, theirs: readonly Heard[], own: OwnLogReader): Promise<void> {
    const before = theirs.filter(({ origin }) => this.yieldsTo(origin));
    // First: a copy of ours that is counted while we ask the store finds it here.
    for (const { id, made } of before) {
      this.heard.note(id, this.parts.dedupe.rememberUntil(made), own.now);
    }
    this.heard.turn(own.now);
    // Replayed likes are compared, too: this owner may have counted a copy before it read the
    // update again.
    const isOurs = (like: Heard): boolean => (own.isRead || like.isAgain) && own.has(like);
    const isClear = (like: Named): boolean => own.isRead && own.isDefinite(like) && !own.owes(like);
    // An id without a time is in no memory, so replayed ones are asked for, too.
    const isUnknown = (like: Heard): boolean => !like.isAgain || like.made === undefined;
    const asked = before.filter((like) => isUnknown(like) && !isOurs(like) && !isClear(like));
    for (const like of [...before.filter(isOurs), ...(await this.standing(channel, asked, own))]) {
      if (!own.hasTakenBack(like)) this.note(like);
    }
  }

  /**
   * Appends what is to be taken back, but for what the store says was taken back before: our log may
   * have been read only up to there yet. Rejects, and keeps it, when the log or the store is away.
   */
  async flush(): Promise<void> {
    const all = [...this.waiting];
    const channels = [...byChannel(all.map(([, like]) => like))];
    const standing = await Promise.all(
      channels.map(async ([channel, noted]) => {
        const offsets = await this.offsets(channel, noted);
        return noted.filter(({ likeId }) => !offsets.get(likeId)?.isWithdrawn);
      }),
    );
    const entries = standing.flat().map(toEntry);
    if (entries.length > 0) await this.parts.log.append(likes.topic, entries);
    for (const [name] of all) this.waiting.delete(name);
  }

  /** Whether too many likes wait to be cancelled. */
  get isFull(): boolean {
    return this.waiting.size >= MAX_WAITING;
  }

  /** Likes found and not taken back yet. */
  get size(): number {
    return this.waiting.size;
  }

  private note(like: Named): void {
    const name = `${like.channel}/${like.likeId}`;
    if (this.waiting.has(name)) return;
    const { channel, id, likeId, made, reaction } = like;
    const at = this.parts.clock.now();
    this.waiting.set(name, { channel, id, likeId, made, reaction, at });
  }

  private yieldsTo(origin: string): boolean {
    return datacenterOf(origin) < datacenterOf(this.parts.origin);
  }

  /** Those of `asked` that our log has and did not take back, by what the store says. */
  private async standing(
    channel: string,
    asked: readonly Named[],
    own: OwnLogReader,
  ): Promise<Named[]> {
    const offsets = await this.offsets(channel, asked);
    return asked.filter((like) => {
      const stored = offsets.get(like.likeId);
      return !stored?.isWithdrawn && (stored?.own !== undefined || own.owes(like));
    });
  }

  private async offsets(channel: string, asked: readonly Named[]) {
    const ids = asked.map(({ likeId }) => likeId);
    return ids.length > 0 ? this.parts.store.offsets(channel, ids) : new Map<string, Offsets>();
  }
}

function toEntry({ at, channel, likeId, reaction }: Noted): LogEntry {
  const value = JSON.stringify({ cancels: likeId, reaction, at } satisfies CancelRecord);
  return { key: channel, value };
}
