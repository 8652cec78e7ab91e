import type { Addresses } from './addresses';

/** How one part is now. */
export interface PartStatus {
  readonly title: string;
  readonly address: string | undefined;
  /** What runs, if anything does. */
  readonly running: string | undefined;
  readonly answers: boolean;
  /** Where its log is. */
  readonly log: string;
}

/** All parts together, whatever they run on. */
export interface Stack {
  /** Where each part listens, from the first start on. */
  readonly addresses: Addresses;
  /** Starts what doesn't run yet and waits until all answer. */
  start(): Promise<void>;
  /** Stops cleanly; the data stays. */
  stop(): Promise<void>;
  /** Stops and deletes the data. */
  reset(): Promise<void>;
  status(): Promise<readonly PartStatus[]>;
}
