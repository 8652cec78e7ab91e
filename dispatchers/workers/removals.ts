import type { Directory } from '../../adapters/directory';
import type { Leases } from '../../adapters/leases';
import type { Clock } from '../../runtime/clock';
import { DIGEST_BUCKETS } from '../../schemas/digest';

const ALL_BUCKETS = Array.from({ length: DIGEST_BUCKETS }, (_, bucket) => bucket);

/** The beat of a worker that never had a lease. */
const NO_BEAT = 0;

/** What lost contributors leave behind. */
export interface LostValues {
  /** After which times since its death values of a contributor are removed, ms, in order. */
  gracesOf(contributor: string): readonly number[];
  /**
   * Removes the values of the types with this grace. Resolves with false if it must be called
   * again, until which the states are published; rejects with `directory_unavailable`.
   */
  remove(contributor: string, beat: number, graceMs: number): Promise<boolean>;
}

export interface RemovalsOptions {
  readonly directory: Pick<Directory, 'change'>;
  readonly leases: Pick<Leases, 'remove'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly isDead: (id: string) => boolean;
  /** The channels of a worker in memory, because Redis may have lost the worker's own list. */
  readonly watchedBy: (id: string) => string[];
  /** Called when a worker is removed. */
  readonly removed: (id: string) => void;
  /** Called for each failed removal, which is repeated. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** The removal of one dead worker. */
interface Removal {
  readonly judgedAt: number;
  hasLeft: boolean;
  /** The graces whose values are removed. */
  graces: number;
  isRunning: boolean;
  isOver: boolean;
  /** Whether the worker has left behind something new since it began. */
  hasNew: boolean;
}

/**
 * Removes dead workers from the directory: memberships first, then values of leased feeds, and the
 * lease last, so that another dispatcher continues if this one dies in between. If the worker
 * renews again, its digest is unequal. Values with a grace stay for this time, which each
 * dispatcher counts by its own clock; so the lease stays, too.
 */
export class Removals {
  values: LostValues | undefined;
  private readonly byWorker = new Map<string, Removal>();

  constructor(private readonly options: RemovalsOptions) {}

  /** Begins or continues the removal of each dead worker; call it after each read of beats. */
  step(dead: ReadonlyMap<string, number | undefined>): void {
    for (const [id, { isRunning }] of this.byWorker) {
      if (!isRunning && !dead.has(id)) this.byWorker.delete(id);
    }
    for (const [id, beat] of dead) {
      const removal = this.byWorker.get(id) ?? this.begin(id);
      if (!removal.isRunning && !removal.isOver) void this.continue(id, beat, removal);
    }
  }

  /** Begins again: the worker has left behind something new. */
  again(id: string): void {
    const removal = this.byWorker.get(id);
    if (removal?.isOver) this.byWorker.delete(id);
    else if (removal) removal.hasNew = true;
  }

  private begin(id: string): Removal {
    const judgedAt = this.options.clock.monotonic();
    const none = { hasLeft: false, hasNew: false, isRunning: false, isOver: false };
    const removal = { judgedAt, graces: 0, ...none };
    this.byWorker.set(id, removal);
    return removal;
  }

  private async continue(id: string, beat: number | undefined, removal: Removal): Promise<void> {
    const { directory, failed, leases, removed } = this.options;
    removal.isRunning = true;
    try {
      if (!removal.hasLeft) await directory.change(id, [], this.options.watchedBy(id), ALL_BUCKETS);
      removal.hasLeft = true;
      if (!(await this.removeValues(id, beat, removal))) return;
      if (!removal.hasNew) await leases.remove(id, beat);
      // Also what came during the last call.
      if (removal.hasNew) {
        removal.hasNew = false;
        removal.graces = 0;
        return;
      }
      removal.isOver = true;
      removed(id);
    } catch (error) {
      failed('remove worker', error);
    } finally {
      removal.isRunning = false;
    }
  }

  /** Removes the values whose grace is over; resolves with true if these are all. */
  private async removeValues(
    id: string,
    beat: number | undefined,
    removal: Removal,
  ): Promise<boolean> {
    const { clock, isDead } = this.options;
    const graces = this.values?.gracesOf(id) ?? [];
    for (const graceMs of graces.slice(removal.graces)) {
      // The worker may have renewed since.
      if (!isDead(id) || removal.judgedAt + graceMs > clock.monotonic()) return false;
      if (!(await this.values?.remove(id, beat ?? NO_BEAT, graceMs))) return false;
      removal.graces += 1;
    }
    return isDead(id);
  }
}
