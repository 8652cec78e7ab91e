import type { Publication, Told } from '../schemas/broadcast';
import type { Update } from '../schemas/delivery';
import type { Doubles, Heard, Named } from './doubles';
import { byChannel, type Logged, named } from './log-event';
import type { OwnLogReader } from './own-log';
import type { Now } from './seen-ids';

export interface PeersParts {
  readonly doubles: Doubles;
  /** Keys the fingerprints. */
  readonly secret: string;
}

/** What an owner makes of other datacenters' updates. */
export interface PeerResult {
  /** What the channels have become here. */
  readonly updates: readonly Update[];
  /**
   * Likes that a later datacenter has counted, too, to be published again. They must be in the log
   * before the position of the updates is committed.
   */
  readonly republished: readonly Publication[];
  /** Why noted likes could not be cancelled now; the next `settle` tries it again. */
  readonly uncancelled?: unknown;
}

/** Collects counted likes for other datacenters, and compares theirs with our own. */
export class Peers {
  /** By channel, the ids counted in the current batch. */
  private counts = new Map<string, string[]>();

  constructor(private readonly parts: PeersParts) {}

  /** Notes a like that our log counted. `elsewhere`: the store has it from these origins, too. */
  counted({ channel, id, made, record }: Logged, elsewhere?: readonly string[]): void {
    const { likeId } = record;
    this.published(channel).push(likeId);
    this.parts.doubles.counted({ channel, id, likeId, made }, elsewhere);
  }

  /** Whether ids that peers have counted were dropped although they are still needed. */
  isIncomplete(now: Now): boolean {
    return this.parts.doubles.isIncomplete(now);
  }

  /** Removes and returns the ids of each channel that were counted since the last call. */
  takeCounted(): ReadonlyMap<string, readonly string[]> {
    const { counts } = this;
    this.counts = new Map();
    return counts;
  }

  /** Selects, from the likes that were stored late, those to publish again: all of them. */
  toRepublish(late: readonly Logged[]): readonly Pick<Named, 'channel' | 'likeId'>[] {
    return late.map(({ channel, record: { likeId } }) => ({ channel, likeId }));
  }

  /** Whether too many likes wait to be cancelled; the partition then accepts no records. */
  get isFull(): boolean {
    return this.parts.doubles.isFull;
  }

  /** Our log has taken a like back. */
  cancelled(channel: string, likeId: string): void {
    this.parts.doubles.cancelled(channel, likeId);
  }

  /**
   * Notes which of the likes that peers have counted are in our log, too. Resolves with those that a
   * later datacenter has counted: publish them again, so that it takes its copies back.
   */
  async hear(
    tales: readonly Told[],
    ownOf: (channel: string) => OwnLogReader,
  ): Promise<readonly Named[]> {
    const likes = tales.flatMap((told) => this.likesIn(told));
    const channels = [...byChannel(likes)];
    const ours = await Promise.all(
      channels.map(([channel, theirs]) => this.parts.doubles.hear(channel, theirs, ownOf(channel))),
    );
    return ours.flat();
  }

  /** Takes back what was noted; rejects, and keeps it, when that cannot be done now. */
  flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return this.parts.doubles.flush(ownOf);
  }

  /** Whether noted likes wait that no `flush` could cancel. */
  get isUnflushed(): boolean {
    return this.parts.doubles.isUnflushed;
  }

  /** Likes noted and not taken back yet. */
  get size(): number {
    return this.parts.doubles.size;
  }

  private published(channel: string): string[] {
    const known = this.counts.get(channel) ?? [];
    this.counts.set(channel, known);
    return known;
  }

  private likesIn({ channel, isAgain, origin, taken }: Told): Heard[] {
    return taken.map((likeId) => ({
      ...named(this.parts.secret, channel, likeId),
      ...{ origin, isAgain },
    }));
  }
}
