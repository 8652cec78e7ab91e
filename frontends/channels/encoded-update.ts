import { encodeSingle } from '../../schemas/place';
import { type Part, partsOf } from './parts';
import type { Row } from './row';
import type { SeenState, SentState } from './sent-state';
import { type Update, updateOf } from './update';

/** The snapshots that a worker keeps encoded; each has at most about 32 KiB. */
const KEPT_SNAPSHOTS = 64;

/** The events that update viewers from one state to another, encoded once for all of them. */
export class EncodedUpdate {
  /** Whether the members who are not sent all of it have left the cohort; set by the fan-out. */
  isSplit = false;
  private encoded: readonly Part[] | undefined;

  constructor(
    readonly seen: SeenState | undefined,
    readonly target: SentState,
    readonly update: Update,
  ) {}

  /** Its frames for viewers of this channel alone. */
  get parts(): readonly Part[] {
    const { channel } = this.target;
    this.encoded ??= partsOf(
      this.update.blocks,
      ({ id, place }) => id ?? encodeSingle(channel, place),
    );
    return this.encoded;
  }

  /** Its frames for one viewer, with the viewer's own ids and without events of its own. */
  partsFor(row: Row): readonly Part[] {
    const { memberId } = row.session;
    const { blocks, exceptMembers } = this.update;
    const isWhole = !exceptMembers?.has(memberId);
    if (isWhole && row.session.isSingle) return this.parts;
    const own = isWhole ? blocks : blocks.filter((block) => block.exceptMember !== memberId);
    return partsOf(own, ({ place }) => row.session.placeId(row, place));
  }
}

/**
 * The snapshots of viewers that have seen nothing. Many viewers may come between two flushes of a
 * channel, so the snapshots that were made last are kept.
 */
export class Snapshots {
  private readonly kept = new Map<SentState, EncodedUpdate>();

  of(target: SentState): EncodedUpdate {
    const known = this.kept.get(target);
    if (known) return known;
    const made = new EncodedUpdate(undefined, target, updateOf(target, undefined));
    this.kept.set(target, made);
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT_SNAPSHOTS && oldest) this.kept.delete(oldest);
    return made;
  }
}
