import type { Addresses } from './addresses';

/** The status of one part. */
export interface PartStatus {
  readonly title: string;
  readonly address: string | undefined;
  /** The process or container that runs; undefined if none does. */
  readonly running: string | undefined;
  readonly isReady: boolean;
  /** The path of its log, or the command that shows it. */
  readonly log: string;
}

/** All parts, as processes or containers. */
export interface Stack {
  /** The address of each part; available after the first start. */
  readonly addresses: Addresses;
  /** Starts the parts that do not run, and waits until all answer. */
  start(): Promise<void>;
  /** Stops cleanly; the data stays. */
  stop(): Promise<void>;
  /** Stops and deletes the data. */
  reset(): Promise<void>;
  status(): Promise<readonly PartStatus[]>;
}
