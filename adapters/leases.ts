import type { Worker } from '../schemas/delivery';

/** A worker, and the number of its last renewal. */
export interface Lease {
  readonly worker: Worker;
  readonly beat: number;
}

/**
 * The leases of all workers. No expiry ends a lease: each process decides by its own clock whether
 * a beat still changes (`beats.ts`). All methods reject with `directory_unavailable`.
 */
export interface Leases {
  /** Writes the worker's address and beat; a beat that is not greater changes nothing. */
  renew(worker: Worker, beat: number): Promise<void>;
  all(): Promise<readonly Lease[]>;
  /** Removes a lease if it still has this beat. */
  remove(workerId: string, beat: number | undefined): Promise<void>;
}
