import type { Site } from '../stack/site';
import type { SideLoad, SideLoadOptions } from './side-load';
import type { Supervisor } from './supervisor';

/** What a fault works on. */
export interface FaultContext {
  readonly site: Site;
  readonly supervisor: Supervisor;
  /** A whole number of [0, below), by the seed of the run. */
  readonly pick: (below: number) => number;
  /** Begins more load on a video of its own, which is checked when the run is at rest. */
  readonly load: (options: SideLoadOptions) => SideLoad;
}

/** One kind of fault: resolves when its cause is gone and all is started again. */
export interface Fault {
  readonly name: string;
  readonly strike: (context: FaultContext) => Promise<void>;
  /** How soon likes flow again once the cause is gone; the run's own limit if not given. */
  readonly recoverWithinMs?: number;
  /** Whether it needs libfaketime on this machine. */
  readonly stepsClocks?: boolean;
}
