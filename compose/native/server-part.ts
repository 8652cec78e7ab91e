import type { Addresses } from './addresses';
import type { Install } from './install';
import type { Ports, PublicPorts } from './ports';

/** What a stack is made of. */
export const PARTS = ['kafka', 'cassandra', 'redis'] as const;
export type PartName = (typeof PARTS)[number];

/** All parts listen here only: nothing of the stack is open to the network. */
export const HOST = '127.0.0.1';

/** A program to run, and what it is given. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to this program's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What this run leaves behind that makes later starts quicker. */
  readonly training?: Training;
}

/** A class archive that the JVM writes when it ends, and where later starts look for it. */
export interface Training {
  readonly written: string;
  readonly kept: string;
}

/** All that a part needs to know in order to start. */
export interface LaunchContext {
  /** This part's own folder: configuration, data, log and process file. */
  readonly folder: string;
  readonly ports: Ports;
  readonly install: Install;
  readonly fullSpeed: boolean;
}

/** One part of the stack: how it is made ready, run and asked whether it answers. */
export interface ServerPart {
  readonly name: PartName;
  readonly title: string;
  /** Its folder under the stack's: each datacenter has its own Kafka and Redis. */
  readonly folder: string;
  /** The ports it listens on, the one that clients use first. */
  readonly listens: readonly [keyof PublicPorts, ...(keyof Ports)[]];
  /** Writes its configuration, and new data where there is none. */
  prepare(place: LaunchContext): Promise<void>;
  command(place: LaunchContext): Command;
  /** Whether it really answers, not just listens. */
  isReady(ports: PublicPorts): Promise<boolean>;
}

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
