import type { Directory } from '../../adapters/directory';
import type { Leases } from '../../adapters/leases';
import type { Heartbeat } from '../../adapters/moments';
import type { EventTypes } from '../../schemas/event-types';
import type { LeasedFeeds } from '../leased/leased-feeds';
import { contributorOf } from './peer-reports';

export interface PeerBeatsOptions {
  readonly types: Pick<EventTypes, 'leased'>;
  readonly leases: Pick<Leases, 'all' | 'remove' | 'renew'>;
  readonly directory: Pick<Directory, 'digest'>;
  readonly leased: Pick<LeasedFeeds, 'remove'>;
}

/**
 * Raises the beat of other datacenters at their heartbeats. A beat is a position in a mirrored
 * topic. If that was created again, the numbers of all values are too great: they are removed, and
 * the peer repeats them.
 */
export class PeerBeats {
  /** The heartbeats that this process has handled: they select the buckets that are kept. */
  private turn = 0;
  /** By contributor, the last beat that this process has written. */
  private readonly last = new Map<string, number>();

  constructor(private readonly options: PeerBeatsOptions) {}

  /** Rejects with `directory_unavailable`. */
  async raise(
    datacenter: string,
    { end, offset }: Pick<Heartbeat, 'end' | 'offset'>,
  ): Promise<void> {
    const { directory, leases } = this.options;
    const id = contributorOf(datacenter);
    const lease = (await leases.all()).find(({ worker }) => worker.id === id);
    const known = Math.max(lease?.beat ?? -1, this.last.get(id) ?? -1);
    if (known >= end) await this.beginAnew(id, known, lease?.beat);
    this.turn += 1;
    // The digest itself is of no use here; its read keeps the values from expiring.
    await Promise.all([directory.digest(id, this.turn), leases.renew({ id, url: '' }, offset)]);
    this.last.set(id, offset);
  }

  private async beginAnew(id: string, known: number, leased: number | undefined): Promise<void> {
    const { leased: feeds, leases, types } = this.options;
    const graces = new Set(types.leased.map(({ graceMs }) => graceMs));
    for (const graceMs of graces) await feeds.remove(id, known, graceMs);
    await leases.remove(id, leased);
  }
}
