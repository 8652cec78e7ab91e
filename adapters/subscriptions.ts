import type { Joined, Membership, Renewal, Renewed } from '../schemas/delivery';

/** A frontend's calls to any dispatcher. All methods reject with `peer_unavailable`. */
export interface Subscriptions {
  /** Renews the lease; resolves with the buckets in which the directory differs from the digest. */
  renew(renewal: Renewal): Promise<Renewed>;
  /** Joins and leaves channels; resolves with the states of the joined ones. */
  change(membership: Membership): Promise<Joined>;
}
