import type { Site } from '../../test/stack/site';
import type { ChaosSite } from './chaos-site';
import type { SideLoad, SideLoadOptions } from './side-load';
import type { Supervisor } from './supervisor';

/** The objects that a fault can use. */
export interface FaultContext<On extends ChaosSite = Site> {
  readonly site: On;
  readonly supervisor: Supervisor;
  /** A random integer in [0, below), from the seed of the run. */
  readonly pick: (below: number) => number;
  /** Starts more load on its own video, which is checked when the run is at rest. */
  readonly load: (options: SideLoadOptions) => SideLoad;
}

/** Injects the fault; resolves when its cause has ended and all processes are started again. */
export interface Fault<On extends ChaosSite = Site> {
  readonly name: string;
  readonly strike: (context: FaultContext<On>) => Promise<void>;
  /** The time limit for likes to flow again after the cause; the run's limit if not given. */
  readonly recoverWithinMs?: number;
  /** Whether the fault needs libfaketime. */
  readonly stepsClocks?: boolean;
}
