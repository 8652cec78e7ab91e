import type { CountedLike, Told } from '../schemas/broadcast';
import type { Doubles, Heard } from './doubles';
import { byChannel, type Logged, named } from './log-event';
import type { OwnLogReader } from './own-log';
import type { Now } from './seen-ids';

export interface PeersParts {
  readonly doubles: Doubles;
  /** Keys the fingerprints. */
  readonly secret: string;
}

/** Collects counted likes for other datacenters, and compares theirs with our own. */
export class Peers {
  /** By channel, the likes counted in the current batch. */
  private counts = new Map<string, CountedLike[]>();

  constructor(private readonly parts: PeersParts) {}

  /** Notes a like that our log counted. `elsewhere`: the store has it from these origins, too. */
  counted({ channel, id, made, record }: Logged, elsewhere?: readonly string[]): void {
    const { likeId, reaction } = record;
    this.published(channel).push({ reaction, likeId });
    this.parts.doubles.counted({ channel, id, likeId, made, reaction }, elsewhere);
  }

  /** Whether ids that peers have counted were dropped although they are still needed. */
  isIncomplete(now: Now): boolean {
    return this.parts.doubles.isIncomplete(now);
  }

  /** Removes and returns the likes of each channel that were counted since the last call. */
  takeCounted(): ReadonlyMap<string, readonly CountedLike[]> {
    const { counts } = this;
    this.counts = new Map();
    return counts;
  }

  /** Selects, from the likes that were stored late, those to publish again: all of them. */
  toRepublish(late: readonly Logged[]): readonly Logged[] {
    return late;
  }

  /** Whether too many likes wait to be cancelled; the partition then accepts no records. */
  get isFull(): boolean {
    return this.parts.doubles.isFull;
  }

  /** Our log has taken a like back. */
  cancelled(channel: string, likeId: string): void {
    this.parts.doubles.cancelled(channel, likeId);
  }

  /** Notes which of the likes that peers have counted are in our log, too. */
  async hear(tales: readonly Told[], ownOf: (channel: string) => OwnLogReader): Promise<void> {
    const likes = tales.flatMap((told) => this.likesIn(told));
    const channels = [...byChannel(likes)];
    await Promise.all(
      channels.map(([channel, theirs]) => this.parts.doubles.hear(channel, theirs, ownOf(channel))),
    );
  }

  /** Takes back what was noted; rejects, and keeps it, when that cannot be done now. */
  flush(): Promise<void> {
    return this.parts.doubles.flush();
  }

  /** Likes noted and not taken back yet. */
  get size(): number {
    return this.parts.doubles.size;
  }

  private published(channel: string): CountedLike[] {
    const known = this.counts.get(channel) ?? [];
    this.counts.set(channel, known);
    return known;
  }

  private likesIn({ channel, isAgain, origin, taken }: Told): Heard[] {
    const likes = Object.entries(taken).flatMap(([reaction, ids]) =>
      ids.map((likeId) => named(this.parts.secret, channel, likeId, reaction)),
    );
    return likes.map((like) => ({ ...like, origin, isAgain }));
  }
}
