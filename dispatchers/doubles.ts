import type { Log } from '../producers/log';
import type { LikeStore } from '../producers/store';
import type { Clock } from '../runtime/clock';
import { datacenterOf, type Told } from '../schemas/broadcast';
import { LikestreamError } from '../schemas/errors';
import { isYoung } from '../schemas/ids';
import { type CancelRecord, likes } from '../schemas/likes';
import { partitionOf } from '../schemas/topics';
import { Window } from './window';

/** More likes to be taken back than this, and no more are heard of until some are. */
const MAX_WAITING = 10_000;

export interface DoublesParts {
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly log: Log;
  readonly store: LikeStore;
  readonly clock: Clock;
  readonly windowMs: number;
}

/** A like of a channel, by its id and its fingerprint. */
export interface Named {
  readonly channel: string;
  readonly likeId: string;
  readonly reaction: string;
  readonly id: bigint;
}

/**
 * Likes that two datacenters have taken: a client failed over in the middle. The one with the later
 * name takes its own back, by a record in its own log, so that its state stays a function of that
 * log. Found by whichever comes second: the other's word (`hear`), or our own copy (`count`). A copy
 * may be noted more than once, and appended more than once: the fold takes it back once.
 */
export class Doubles {
  private readonly heard: Window;
  private readonly waiting = new Map<string, Named>();

  constructor(private readonly parts: DoublesParts) {
    this.heard = new Window(parts.windowMs);
  }

  /** Our log has counted a like. */
  counted(like: Named): void {
    if (this.heard.has(like.id)) this.note(like);
  }

  /**
   * A datacenter has counted `theirs`. Those that our log has, as `knows` says or, for ids that are
   * older than that can tell, the store, are noted.
   */
  async hear(told: Told, theirs: readonly Named[], knows: (like: Named) => boolean): Promise<void> {
    if (datacenterOf(told.origin) >= datacenterOf(this.parts.origin)) return;
    // First: a copy of ours that is counted while we ask the store finds it here.
    for (const { id } of theirs) this.heard.admit(id, told.t);
    for (const like of theirs) if (knows(like)) this.note(like);
    const old = theirs.filter(({ likeId }) => !this.isYoung(likeId));
    for (const like of await this.stored(told.channel, old)) this.note(like);
  }

  /** Appends what is to be taken back; rejects, and keeps it, when the log is away. */
  async flush(): Promise<void> {
    const all = [...this.waiting];
    if (all.length === 0) return;
    const at = this.parts.clock.now();
    const entries = all.map(([, { channel, likeId, reaction }]) => {
      const value = JSON.stringify({ cancels: likeId, reaction, at } satisfies CancelRecord);
      return { partition: partitionOf(channel), key: channel, value };
    });
    await this.parts.log.append(likes.topic, entries);
    for (const [name, like] of all) {
      if (this.waiting.get(name) === like) this.waiting.delete(name);
    }
  }

  /** Likes found and not taken back yet. */
  get size(): number {
    return this.waiting.size;
  }

  private note(like: Named): void {
    if (this.waiting.size >= MAX_WAITING) throw new LikestreamError('log_unavailable');
    this.waiting.set(`${like.channel}/${like.likeId}`, like);
  }

  private isYoung(likeId: string): boolean {
    return isYoung(likeId, this.parts.clock.now(), this.parts.windowMs / 2);
  }

  private async stored(channel: string, asked: readonly Named[]): Promise<Named[]> {
    if (asked.length === 0) return [];
    const ids = asked.map(({ likeId }) => likeId);
    const found = await this.parts.store.find(channel, ids);
    const ours = found.filter(({ offset }) => offset !== undefined);
    const known = new Set(ours.map(({ likeId }) => likeId));
    return asked.filter(({ likeId }) => known.has(likeId));
  }
}
