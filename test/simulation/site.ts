import type { EmbeddedSource } from '../../adapters/embedded/log-source';
import type { Leases } from '../../adapters/leases';
import type { Moments, ReceivedMoment } from '../../adapters/moments';
import type { Subscriptions } from '../../adapters/subscriptions';
import type { CacheRefill } from '../../dispatchers/delivery/cache-refill';
import type { Dispatcher } from '../../dispatchers/dispatcher';
import type { DuplicateFilter } from '../../dispatchers/owner/duplicate-filter';
import type { Fold } from '../../dispatchers/owner/fold';
import type { CrossDatacenterDuplicates } from '../../dispatchers/peers/cross-datacenter-duplicates';
import type { Peers } from '../../dispatchers/peers/peers';
import type { PendingDeletions } from '../../dispatchers/peers/pending-deletions';
import type { SubscriptionService } from '../../dispatchers/subscriptions';
import type { Frontend } from '../../frontends/frontend';
import type { DedupeWindow } from '../../schemas/dedupe-window';
import type { Worker } from '../../schemas/delivery';
import type { EventTypes } from '../../schemas/event-types';
import type { ConsumerSwitch } from './consumer-switch';
import type { ImagedContributions } from './imaged-contributions';
import type { Network } from './network';
import type { SimulatedProcess } from './process';
import type { BrokenPages, ProducerParts } from './producer-parts';
import type { Seeded } from './seeded';
import type { SharedRows } from './shared-rows';
import type { SimulatedSockets } from './simulated-sockets';
import type { RequestLimit } from './store-client';
import type { StoreReplica } from './store-replica';
import type { Trace } from './trace';
import type { VirtualClock } from './virtual-clock';

/** Parts that lack one mechanism, to see that the simulation notices. */
export interface BrokenOptions extends BrokenPages {
  /** The event types of all processes. */
  readonly types?: EventTypes;
  readonly fold?: typeof Fold;
  readonly duplicates?: typeof DuplicateFilter;
  /** The rule that finds duplicates. */
  readonly dedupe?: DedupeWindow;
  readonly source?: typeof EmbeddedSource;
  readonly crossDatacenter?: typeof CrossDatacenterDuplicates;
  readonly peers?: typeof Peers;
  readonly deletions?: typeof PendingDeletions;
  /** The rows that all datacenters share. */
  readonly rows?: typeof SharedRows;
  readonly refill?: typeof CacheRefill;
  /** Answers joins and renewals. */
  readonly service?: typeof SubscriptionService;
  readonly leases?: (whole: Leases) => Leases;
  readonly subscriptions?: (whole: Subscriptions) => Subscriptions;
  readonly contributions?: typeof ImagedContributions;
  /** Changes a dispatcher that was built. */
  readonly dispatcher?: (whole: Dispatcher) => void;
  /** The moments as dispatchers receive them. */
  readonly received?: (
    moments: readonly ReceivedMoment[],
    nowMs: number,
  ) => readonly ReceivedMoment[];
  /** Bounds a process's requests to the store in flight. */
  readonly storeLimit?: () => RequestLimit;
}

export interface Producer extends ProducerParts {
  readonly process: SimulatedProcess;
  readonly moments: Pick<Moments, 'send'>;
}

export interface Owner {
  readonly process: SimulatedProcess;
  readonly dispatcher: Dispatcher;
  /** By event type. */
  readonly consumers: ReadonlyMap<string, ConsumerSwitch>;
}

export interface Front {
  readonly datacenter: string;
  readonly process: SimulatedProcess;
  readonly frontend: Frontend;
  readonly sockets: SimulatedSockets;
  readonly worker: Worker;
}

export interface Site {
  /** The datacenter. */
  readonly name: string;
  readonly peers: readonly string[];
  readonly clock: VirtualClock;
  readonly random: Seeded;
  readonly network: Network;
  /** The replica of the store with the rows and saved states of all datacenters. */
  readonly shared?: StoreReplica | undefined;
  readonly broken: BrokenOptions;
  readonly trace?: Trace | undefined;
}
