import type { Moments } from '../../adapters/moments';
import type { Clock } from '../../runtime/clock';
import type { LeasedFeeds } from '../leased/leased-feeds';
import { DispatcherMoments, type DispatcherMomentsOptions } from './moment-receiver';
import { PeerValues, type PeerValuesOptions } from './peer-values';

export interface MomentLinkOptions
  extends Omit<DispatcherMomentsOptions, 'clock' | 'leased'>,
    Omit<PeerValuesOptions, 'clock' | 'moments'> {
  readonly clock: Clock;
  readonly moments: Moments;
  readonly leased:
    | Pick<LeasedFeeds, 'onPublished' | 'remove' | 'repeatsAll' | 'report'>
    | undefined;
  /** Whether there are other datacenters. */
  readonly hasPeers: boolean;
}

/** Connects a dispatcher with the log of moments, and so with other datacenters. */
export class MomentLink {
  private readonly receiver: DispatcherMoments;
  private readonly values: PeerValues | undefined;

  constructor(private readonly options: MomentLinkOptions) {
    const { hasPeers, leased } = options;
    this.receiver = new DispatcherMoments(options);
    const values = leased && hasPeers ? new PeerValues(options) : undefined;
    this.values = values;
    if (values) leased?.onPublished((published) => values.published(published));
  }

  /** Begins to receive; rejects if the log is unavailable. */
  start(): Promise<void> {
    return this.options.moments.start(this.receiver);
  }

  async stop(): Promise<void> {
    await this.values?.finish();
    await this.options.moments.stop();
  }
}
