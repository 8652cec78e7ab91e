import type { Command } from './command';
import type { Install } from './install';
import type { PartName } from './part-names';
import type { Ports, PublicPorts } from './ports';

/** The values that a part needs for its start. */
export interface LaunchContext {
  /** This part's own folder: configuration, data, log and process file. */
  readonly folder: string;
  readonly ports: Ports;
  readonly install: Install;
  readonly fullSpeed: boolean;
}

/** One part of the stack: its preparation, its command and its readiness check. */
export interface ServerPart {
  readonly name: PartName;
  readonly title: string;
  /** Its folder under the stack's: each datacenter has its own Kafka and Redis. */
  readonly folder: string;
  /** The ports on which it listens; the first one is for clients. */
  readonly listens: readonly [keyof PublicPorts, ...(keyof Ports)[]];
  /** Writes its configuration, and formats its data if there is none. */
  prepare(context: LaunchContext): Promise<void>;
  command(context: LaunchContext): Command;
  /** Whether it answers a request; an open port is not enough. */
  isReady(ports: PublicPorts): Promise<boolean>;
}
