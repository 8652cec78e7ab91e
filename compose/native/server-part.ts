import type { Command } from './command';
import type { Install } from './install';
import type { PartName } from './part-names';
import type { Ports, PublicPorts } from './ports';

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
