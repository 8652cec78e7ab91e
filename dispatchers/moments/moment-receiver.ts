import type { MomentReceiver, ReceivedMoment } from '../../adapters/moments';
import { Passing, type PassingOptions } from './passing';
import { PeerBeats, type PeerBeatsOptions } from './peer-beats';
import { PeerReports, type PeerReportsOptions } from './peer-reports';

export interface DispatcherMomentsOptions
  extends PassingOptions,
    Omit<PeerReportsOptions, 'types'>,
    PeerBeatsOptions {
  readonly types: PassingOptions['types'] & PeerReportsOptions['types'];
  /** Our own datacenter: the directory has its values already. */
  readonly datacenter: string;
}

/** What a dispatcher does with moments, and with the values and heartbeats of peers. */
export class DispatcherMoments implements MomentReceiver {
  private readonly passing: Passing;
  private readonly reports: PeerReports;
  private readonly beats: PeerBeats;

  constructor(private readonly options: DispatcherMomentsOptions) {
    this.passing = new Passing(options);
    this.reports = new PeerReports(options);
    this.beats = new PeerBeats(options);
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
    for (const [peer, theirs] of byPeer) await this.reports.report(peer, theirs);
  }

  async heartbeat(datacenter: string, offset: number): Promise<void> {
    await this.beats.raise(datacenter, offset);
  }
}
