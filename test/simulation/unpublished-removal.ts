import type { Contributions } from '../../adapters/contributions';

/**
 * Loses the answer to the first removal of a lost worker's values: its dispatcher cannot publish
 * the states without them.
 */
export class UnpublishedRemoval {
  private workerId: string | undefined;

  /** Loses the answer to the next removal of a value of this worker. */
  arm(workerId: string): void {
    this.workerId = workerId;
  }

  /** Wraps the contributions. */
  contributionsOf(whole: Contributions): Contributions {
    return {
      held: (...args) => whole.held(...args),
      read: (...args) => whole.read(...args),
      report: (...args) => whole.report(...args),
      remove: async (...args) => {
        const removed = await whole.remove(...args);
        if (this.workerId !== args[0] || removed.length === 0) return removed;
        this.workerId = undefined;
        return new Promise<never>(() => undefined);
      },
    };
  }
}
