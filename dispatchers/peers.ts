import type { Told } from '../schemas/broadcast';
import type { Broadcast } from './broadcast';
import type { Doubles, Heard, OwnLog } from './doubles';
import { byChannel, type Logged, named } from './log-event';
import type { Now } from './seen-ids';

export interface PeersParts {
  readonly broadcast: Pick<Broadcast, 'counted'>;
  readonly doubles: Doubles;
  /** Keys the fingerprints. */
  readonly secret: string;
}

/** What a partition's owner tells other datacenters, and makes of what they tell. */
export class Peers {
  private readonly late = new Set<string>();

  constructor(private readonly parts: PeersParts) {}

  /** Our log has counted a like; the store, where it was asked, has it from `elsewhere`, too. */
  counted({ channel, id, made, record }: Logged, elsewhere?: readonly string[]): void {
    const { likeId, reaction } = record;
    this.parts.broadcast.counted(channel, reaction, likeId);
    this.parts.doubles.counted({ channel, id, likeId, made, reaction }, elsewhere);
  }

  /** Whether ids that peers have counted were dropped that are needed still. */
  isIncomplete(now: Now): boolean {
    return this.parts.doubles.isIncomplete(now);
  }

  /**
   * A like was stored when others may have looked it up in vain: they are told again, since they may
   * have forgotten that they had been told.
   */
  storedLate({ channel, record: { likeId, reaction } }: Logged): void {
    this.parts.broadcast.counted(channel, reaction, likeId);
    this.late.add(channel);
  }

  /** The channels whose peers are to be told again. */
  get untold(): ReadonlySet<string> {
    return new Set(this.late);
  }

  /** Peers of these channels are being told again. */
  toldAgain(channels: Iterable<string>): void {
    for (const channel of channels) this.late.delete(channel);
  }

  /** Our log has taken a like back. */
  cancelled(channel: string, likeId: string): void {
    this.parts.doubles.cancelled(channel, likeId);
  }

  /** Notes which of the likes that peers have counted are in our log, too. */
  async hear(tales: readonly Told[], ownOf: (channel: string) => OwnLog): Promise<void> {
    const likes = tales.flatMap((told) => this.likesIn(told));
    for (const [channel, theirs] of byChannel(likes)) {
      await this.parts.doubles.hear(channel, theirs, ownOf(channel));
    }
  }

  /** Takes back what was noted; rejects, and keeps it, when that cannot be done now. */
  flush(): Promise<void> {
    return this.parts.doubles.flush();
  }

  /** Likes noted and not taken back yet. */
  get size(): number {
    return this.parts.doubles.size;
  }

  private likesIn({ channel, isAgain, origin, taken }: Told): Heard[] {
    const likes = Object.entries(taken).flatMap(([reaction, ids]) =>
      ids.map((likeId) => named(this.parts.secret, channel, likeId, reaction)),
    );
    return likes.map((like) => ({ ...like, origin, isAgain }));
  }
}
