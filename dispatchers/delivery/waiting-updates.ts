import type { EventTypes } from '../../schemas/event-types';
import type { SharedUpdate } from '../../schemas/shared-update';
import { type NewestByKey, newestShared } from '../newest-by-key';

/**
 * The updates that wait for one worker, at most one a feed. The updates of one round have different
 * feeds, so they are kept as a list, and merged only if another round is added.
 */
export class WaitingUpdates {
  /** The updates of one round, if no others wait. */
  private round: readonly SharedUpdate[] = [];
  private readonly merged: NewestByKey<SharedUpdate>;

  constructor(types: EventTypes) {
    this.merged = newestShared(types);
  }

  get size(): number {
    return this.round.length + this.merged.size;
  }

  /** Adds the updates of a round, which are later than those that wait. */
  add(updates: readonly SharedUpdate[]): void {
    if (this.size === 0) {
      this.round = updates;
      return;
    }
    this.mergeRound();
    for (const update of updates) this.merged.add(update);
  }

  /** Adds updates again that were taken, so they are earlier than those that wait. */
  restore(updates: readonly SharedUpdate[]): void {
    this.mergeRound();
    for (const update of updates) this.merged.restore(update);
  }

  /** Removes and returns the first updates: at least one, if there is any. */
  take(most: { readonly updates: number; readonly bytes: number }): readonly SharedUpdate[] {
    const { round } = this;
    const count = this.countWithin(most);
    if (count < round.length) this.mergeRound();
    if (this.merged.size > 0) return this.merged.take(count);
    this.round = [];
    return round;
  }

  clear(): void {
    this.round = [];
    this.merged.clear();
  }

  private countWithin(most: { readonly updates: number; readonly bytes: number }): number {
    let count = 0;
    let bytes = 0;
    for (const update of this.merged.size > 0 ? this.merged.values() : this.round) {
      bytes += update.bytes + 1;
      if (count > 0 && (count === most.updates || bytes > most.bytes)) break;
      count += 1;
    }
    return count;
  }

  private mergeRound(): void {
    for (const update of this.round) this.merged.add(update);
    this.round = [];
  }
}
