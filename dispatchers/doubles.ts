import type { Log, LogEntry } from '../producers/log';
import type { LikeStore, Offsets, OwnCopy } from '../producers/store';
import type { Clock } from '../runtime/clock';
import { datacenterOf } from '../schemas/broadcast';
import type { DedupeWindow } from '../schemas/dedupe-window';
import { LikestreamError } from '../schemas/errors';
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
  /** Ids of one generation that are remembered; `MAX_IDS` if not given. */
  readonly maxIds?: number | undefined;
  /** Reports likes that cannot be cancelled. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** A like of a channel, by its id and its fingerprint. */
export interface Named {
  readonly channel: string;
  readonly likeId: string;
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
 * log. That record has the reaction that our log counted, which may not be the other's.
 *
 * Found by whichever comes second: the other's word (`hear`), or our own copy (`counted`). If the
 * other's word was forgotten when our copy was counted, the earlier datacenter finds it: it hears
 * what we counted, looks its own log up, and publishes the id again. So nothing depends on whether
 * one datacenter can read the other's rows. A like may be noted more than once, and appended more
 * than once: the fold takes it back once.
 */
export class Doubles {
  private readonly heard: SeenIds;
  private readonly waiting = new Map<string, Noted>();
  /** Likes that waited when the log was last found closed. */
  private reported = 0;
  /** How many likes were noted, and how many of these the last successful `flush` included. */
  private noted = 0;
  private flushed = 0;

  constructor(private readonly parts: DoublesParts) {
    const { dedupe, maxIds } = parts;
    this.heard = new SeenIds({ retentionMs: dedupe.retentionMs, maxIds });
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
    this.waiting.delete(nameOf({ channel, likeId }));
  }

  /**
   * Other datacenters have counted `theirs`, of one channel. Those that our log has, as the window of
   * it says or, where that cannot tell, the store, are noted. Resolves with those that our
   * datacenter has and that a later one has counted, too: these must be published again.
   */
  async hear(
    channel: string,
    theirs: readonly Heard[],
    own: OwnLogReader,
  ): Promise<readonly Named[]> {
    const before = theirs.filter(({ origin }) => this.yieldsTo(origin));
    // First: a copy of ours that is counted while we ask the store finds it here.
    for (const { id, made } of before) {
      this.heard.note(id, this.parts.dedupe.rememberUntil(made), own.now);
    }
    this.heard.turn(own.now);
    const after = theirs.filter(({ isAgain, origin }) => !isAgain && this.precedes(origin));
    const ours = await this.ours(channel, [...before, ...after], own);
    for (const like of ours) {
      if (this.yieldsTo(like.origin) && !own.hasTakenBack(like)) this.note(like);
    }
    return ours.filter(({ origin }) => this.precedes(origin));
  }

  /**
   * Appends what is to be taken back, but for what the store says was taken back before: our log may
   * have been read only up to there yet. Rejects, and keeps it, when the log or the store is away. A
   * like whose row was deleted is kept, because the reaction that our log counted is not known.
   *
   * If a drain has closed the log, resolves with them kept and reported: no position waits for them,
   * because only a recount takes them back, or an undone drain.
   */
  async flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    const { noted } = this;
    const channels = [...byChannel([...this.waiting.values()])];
    const all = await Promise.all(
      channels.map(([channel, noted]) => this.cancelsOf(channel, noted, ownOf(channel))),
    );
    const entries = all.flatMap(({ cancels }) => cancels);
    if (!(await this.append(entries))) return;
    for (const like of all.flatMap(({ done }) => done)) this.waiting.delete(nameOf(like));
    this.flushed = Math.max(this.flushed, noted);
  }

  /** Whether likes wait that no `flush` could cancel: a successor must find them again. */
  get isUnflushed(): boolean {
    return this.waiting.size > 0 && this.flushed < this.noted;
  }

  /** Resolves with whether the log takes the entries; false if it is closed. */
  private async append(entries: readonly LogEntry[]): Promise<boolean> {
    try {
      if (entries.length > 0) await this.parts.log.append(likes.topic, entries);
      this.reported = 0;
      return true;
    } catch (error) {
      if (!(error instanceof LikestreamError) || error.code !== 'log_closed') throw error;
      if (this.reported !== entries.length) this.parts.failed('cancel', recountNeeded(entries));
      this.reported = entries.length;
      return false;
    }
  }

  /** Whether too many likes wait to be cancelled. */
  get isFull(): boolean {
    return this.waiting.size >= MAX_WAITING;
  }

  /** Likes found and not taken back yet. */
  get size(): number {
    return this.waiting.size;
  }

  private note({ channel, id, likeId, made }: Named): void {
    const name = nameOf({ channel, likeId });
    if (this.waiting.has(name)) return;
    this.noted += 1;
    this.waiting.set(name, { channel, id, likeId, made, at: this.parts.clock.now() });
  }

  /** Whether we take back what this origin has counted, too. */
  private yieldsTo(origin: string): boolean {
    return datacenterOf(origin) < datacenterOf(this.parts.origin);
  }

  /** Whether this origin takes back what we have counted, too. */
  private precedes(origin: string): boolean {
    return datacenterOf(origin) > datacenterOf(this.parts.origin);
  }

  /** Those of `theirs` that our log has, by its ids or, if these do not decide, by the store. */
  private async ours(
    channel: string,
    theirs: readonly Heard[],
    own: OwnLogReader,
  ): Promise<Heard[]> {
    // Replayed likes are compared, too: this owner may have counted a copy before it read the
    // update again.
    const isOurs = (like: Heard): boolean => (own.isRead || like.isAgain) && own.has(like);
    const isClear = (like: Named): boolean => own.isRead && own.isDefinite(like) && !own.owes(like);
    // An id without a time is in no memory, so replayed ones are asked for, too.
    const isUnknown = (like: Heard): boolean => !like.isAgain || like.made === undefined;
    const asked = theirs.filter((like) => isUnknown(like) && !isOurs(like) && !isClear(like));
    const offsets = await this.offsets(channel, asked);
    const found = asked.filter((like) => this.isLogged(like, offsets.get(like.likeId), own));
    return [...theirs.filter(isOurs), ...found];
  }

  // What an earlier log of our datacenter counted, this log cannot take back. What this log took
  // back, an earlier datacenter has counted, so a later one still has to take its copy back.
  private isLogged(like: Heard, stored: Offsets | undefined, own: OwnLogReader): boolean {
    const isOwn = readCopy(stored, own) !== undefined || own.owes(like);
    if (this.yieldsTo(like.origin)) return isOwn && !stored?.isWithdrawn;
    const ours = datacenterOf(this.parts.origin);
    return isOwn || (stored?.elsewhere.some((each) => datacenterOf(each) === ours) ?? false);
  }

  /** The records that cancel those of `noted` that can be, and the likes that need no more. */
  private async cancelsOf(channel: string, noted: readonly Noted[], own: OwnLogReader) {
    // Read before the look-up: a record that is not here any more is found by the look-up.
    const unstored = noted.map((like) => own.unstoredReaction(like));
    const offsets = await this.offsets(channel, noted);
    const cancels: LogEntry[] = [];
    const done = noted.filter((like, index) => {
      const stored = offsets.get(like.likeId);
      const reaction = unstored[index] ?? readCopy(stored, own)?.reaction;
      const isWithdrawn = stored?.isWithdrawn ?? false;
      if (reaction !== undefined && !isWithdrawn) cancels.push(toEntry(like, reaction));
      return isWithdrawn || reaction !== undefined;
    });
    return { cancels, done };
  }

  private async offsets(channel: string, asked: readonly Named[]) {
    const ids = asked.map(({ likeId }) => likeId);
    return ids.length > 0 ? this.parts.store.offsets(channel, ids) : new Map<string, Offsets>();
  }
}

// A row may have a copy that we have not read yet; an earlier one of our log, that is not stored, may
// be the one that counts. Our log finds it once it is counted (`counted`).
function readCopy(stored: Offsets | undefined, own: OwnLogReader): OwnCopy | undefined {
  const copy = stored?.own;
  return copy && own.hasRead(copy.offset) ? copy : undefined;
}

function nameOf({ channel, likeId }: Pick<Named, 'channel' | 'likeId'>): string {
  return `${channel}/${likeId}`;
}

function toEntry({ at, channel, likeId }: Noted, reaction: string): LogEntry {
  const value = JSON.stringify({ cancels: likeId, reaction, at } satisfies CancelRecord);
  return { key: channel, value };
}

function recountNeeded({ length }: readonly LogEntry[]): LikestreamError {
  return new LikestreamError(
    'log_closed',
    `likes that another datacenter counted, too, and that the drained log cannot cancel: ${length}. ` +
      'Stop all producers and dispatchers, and run `npm run recount`',
  );
}
