import type { Change } from '../../adapters/embedded/database';
import type { Clock } from '../../runtime/clock';
import type { Seeded } from './seeded';
import type { StoreReplica, WriteLink } from './store-replica';

const MAX_LAG_MS = 30;

/** Carries the writes of one datacenter's store to another one, in any order, each once. */
export class StoreLink implements WriteLink {
  /** The writes that wait while the link is cut. */
  private waiting: Change[] | undefined;

  constructor(
    /** The datacenters. */
    readonly from: string,
    readonly to: string,
    private readonly replica: StoreReplica,
    private readonly clock: Clock,
    private readonly random: Seeded,
  ) {}

  carry(changes: readonly Change[]): void {
    if (this.waiting) this.waiting.push(...changes);
    else this.clock.after(this.random.below(MAX_LAG_MS), () => this.deliver(changes));
  }

  cut(): void {
    this.waiting ??= [];
  }

  mend(): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    if (waiting.length > 0) this.carry(waiting);
  }

  get isCut(): boolean {
    return this.waiting !== undefined;
  }

  // The simulated disk of a store accepts every write.
  private deliver(changes: readonly Change[]): void {
    void this.replica.database.write(changes);
  }
}
