import type { Contributions } from '../../adapters/contributions';
import type { Heartbeat, MomentReceiver, ReceivedMoment } from '../../adapters/moments';
import type { EventTypes } from '../../schemas/event-types';
import type { LeasedFeeds } from '../leased/leased-feeds';
import { Passing, type PassingOptions } from './passing';
import { PeerBeats, type PeerBeatsOptions } from './peer-beats';
import { PeerReports } from './peer-reports';
import { PeerSweep } from './peer-sweep';

/** The partition whose heartbeats raise the beat of a datacenter: positions of one are compared. */
const BEAT_PARTITION = 0;

export interface DispatcherMomentsOptions
  extends Omit<PassingOptions, 'types'>,
    Omit<PeerBeatsOptions, 'leased' | 'types'> {
  readonly types: Pick<EventTypes, 'leased' | 'moments'>;
  /** Undefined if there are no leased feeds. */
  readonly leased: Pick<LeasedFeeds, 'remove' | 'repeatsAll' | 'report'> | undefined;
  readonly contributions?: Pick<Contributions, 'held'> | undefined;
  /** Our own datacenter: the directory has its values already. */
  readonly datacenter: string;
}

/** What a dispatcher does with moments, and with the values and heartbeats of peers. */
export class DispatcherMoments implements MomentReceiver {
  private readonly passing: Passing;
  private readonly reports: PeerReports | undefined;
  private readonly beats: PeerBeats | undefined;
  private readonly sweep: PeerSweep | undefined;

  constructor(private readonly options: DispatcherMomentsOptions) {
    this.passing = new Passing(options);
    const { contributions, leased } = options;
    if (!leased || !contributions) return;
    const reports = new PeerReports({ ...options, leased });
    this.reports = reports;
    this.beats = new PeerBeats({ ...options, leased });
    this.sweep = new PeerSweep({ ...options, contributions, reports });
  }

  get repeatsAll(): boolean {
    return this.options.leased?.repeatsAll ?? false;
  }

  /** Rejects with `directory_unavailable` if values of a peer were not reported. */
  async moments(received: readonly ReceivedMoment[]): Promise<void> {
    this.passing.pass(received);
    const byPeer = new Map<string, ReceivedMoment[]>();
    for (const moment of received) {
      if (moment.datacenter === this.options.datacenter) continue;
      const theirs = byPeer.get(moment.datacenter);
      if (theirs) theirs.push(moment);
      else byPeer.set(moment.datacenter, [moment]);
    }
    for (const [peer, theirs] of byPeer) await this.reports?.report(peer, theirs);
  }

  /** Rejects with `directory_unavailable`. */
  async heartbeat(datacenter: string, heartbeat: Heartbeat): Promise<void> {
    if (heartbeat.partition === BEAT_PARTITION) await this.beats?.raise(datacenter, heartbeat);
    await this.sweep?.heartbeat(datacenter, heartbeat);
  }
}
