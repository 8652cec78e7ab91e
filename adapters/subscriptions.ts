import type { Joined, Membership, Renewal, Renewed } from '../schemas/delivery';

/** A frontend's subscriptions, through any dispatcher. All reject with `peer_unavailable`. */
export interface Subscriptions {
  /** Renews the lease and tells where the dispatchers' view of this worker differs. */
  renew(renewal: Renewal): Promise<Renewed>;
  /** Writes what is begun and ended, and gives the state of what is begun. */
  change(membership: Membership): Promise<Joined>;
}
