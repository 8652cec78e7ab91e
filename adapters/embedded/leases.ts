import type { Worker } from '../../schemas/delivery';
import type { Lease, Leases } from '../leases';

/** The leases in memory. */
export class EmbeddedLeases implements Leases {
  private readonly leases = new Map<string, Lease>();

  async renew(worker: Worker, beat: number): Promise<void> {
    const before = this.leases.get(worker.id);
    if (!before || beat > before.beat) this.leases.set(worker.id, { worker, beat });
  }

  async all(): Promise<readonly Lease[]> {
    return [...this.leases.values()];
  }

  async remove(id: string, beat: number | undefined): Promise<void> {
    if (this.leases.get(id)?.beat === beat) this.leases.delete(id);
  }
}
