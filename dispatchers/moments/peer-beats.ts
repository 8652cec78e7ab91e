import type { Directory } from '../../adapters/directory';
import type { Leases } from '../../adapters/leases';
import { contributorOf } from './peer-reports';

export interface PeerBeatsOptions {
  readonly leases: Pick<Leases, 'all' | 'renew'>;
  readonly directory: Pick<Directory, 'digest'>;
}

/**
 * Raises the beat of other datacenters at their heartbeats. A beat is a position in a mirrored
 * topic; if that was created again, the beat continues above the last one.
 */
export class PeerBeats {
  /** The heartbeats that this process has handled: they select the buckets that are kept. */
  private turn = 0;

  constructor(private readonly options: PeerBeatsOptions) {}

  /** Rejects with `directory_unavailable`. */
  async raise(datacenter: string, offset: number): Promise<void> {
    const { directory, leases } = this.options;
    const id = contributorOf(datacenter);
    const known = (await leases.all()).find(({ worker }) => worker.id === id);
    this.turn += 1;
    // The digest itself is of no use here; the read keeps the values from expiring.
    const kept = directory.digest(id, this.turn);
    const beat = Math.max(offset, (known?.beat ?? 0) + 1);
    await Promise.all([kept, leases.renew({ id, url: '' }, beat)]);
  }
}
