import { Dispatcher } from '../../dispatchers/dispatcher';
import type { Doubles } from '../../dispatchers/doubles';
import type { DuplicateFilter } from '../../dispatchers/duplicate-filter';
import { EmbeddedSource } from '../../dispatchers/embedded-source';
import type { Fold } from '../../dispatchers/fold';
import type { Peers } from '../../dispatchers/peers';
import type { Source } from '../../dispatchers/source';
import { Frontend } from '../../frontends/frontend';
import type { Subscriptions } from '../../frontends/subscriptions';
import { Acceptance } from '../../producers/accept';
import { Ledger } from '../../producers/ledger';
import { RecentLikes } from '../../producers/recent';
import { mirroredTopic } from '../../schemas/broadcast';
import { DedupeWindow } from '../../schemas/dedupe-window';
import type { Update, Worker } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import { likes } from '../../schemas/likes';
import type { Network } from './network';
import { PeeringSource } from './peering-source';
import { SimulatedProcess } from './process';
import type { Seeded } from './seeded';
import { Servers } from './servers';
import type { SimulatedDatabase } from './simulated-database';
import { SimulatedSockets } from './simulated-sockets';
import type { VirtualClock } from './virtual-clock';

export const WINDOW_MS = 6_000;

/** Few enough that generations of ids are dropped early in most runs. */
const SIMULATED_MAX_IDS = 64;

/** Parts that lack one mechanism, to see that the simulation notices. */
export interface BrokenParts {
  readonly fold?: typeof Fold;
  readonly duplicates?: typeof DuplicateFilter;
  /** The rule by which copies are found. */
  readonly dedupe?: DedupeWindow;
  readonly doubles?: typeof Doubles;
  readonly peers?: typeof Peers;
  readonly subscriptions?: (whole: Subscriptions) => Subscriptions;
}

export interface Producer {
  readonly process: SimulatedProcess;
  readonly acceptance: Acceptance;
}

export interface Owner {
  readonly process: SimulatedProcess;
  readonly dispatcher: Dispatcher;
}

export interface Front {
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
  /** What holds the likes and the saved states of all datacenters; ours alone where there is one. */
  readonly shared?: SimulatedDatabase | undefined;
  readonly broken: BrokenParts;
}

/** A datacenter in one process: 2 producers, 3 dispatchers, 3 frontends on simulated servers. */
export class World {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly random: Seeded;
  readonly network: Network;
  readonly servers: Servers;
  readonly producers: Producer[];
  readonly dispatchers: Owner[];
  readonly frontends: Front[];

  private readonly origin: string;

  constructor(private readonly site: Site) {
    const { clock, name, network, random, shared } = site;
    this.name = name;
    this.clock = clock;
    this.random = random;
    this.network = network;
    this.origin = `${name}.1`;
    this.servers = new Servers(clock, random.fork(), this.origin, shared);
    this.producers = [this.buildProducer(), this.buildProducer()];
    this.dispatchers = [0, 1, 2].map(() => this.buildDispatcher());
    this.frontends = [0, 1, 2].map(() => this.buildFrontend());
  }

  buildProducer(): Producer {
    const { network, random, servers } = this;
    const process = new SimulatedProcess('producer', this.clock);
    const { clock } = process;
    const { entropy } = random.fork();
    const acceptance = new Acceptance({
      log: process.outside(network.to(() => servers.log, 'log_unavailable')),
      store: process.outside(network.to(() => servers.likes, 'store_unavailable')),
      ledger: new Ledger(entropy),
      recent: new RecentLikes(),
      dedupe: this.site.broken.dedupe ?? new DedupeWindow(WINDOW_MS),
      clock,
      entropy,
    });
    return { process, acceptance };
  }

  buildDispatcher(): Owner {
    const { network, origin, servers } = this;
    const { broken, peers } = this.site;
    const process = new SimulatedProcess('dispatcher', this.clock);
    const { clock } = process;
    const log = process.outside(network.to(() => servers.log, 'log_unavailable'));
    const dispatcher = new Dispatcher({
      origin,
      source: this.buildSource(process),
      log: peers.length > 0 ? log : undefined,
      store: process.outside(network.to(() => servers.likes, 'store_unavailable')),
      states: process.outside(network.to(() => servers.states, 'store_unavailable')),
      directory: process.outside(network.to(() => servers.directory, 'directory_unavailable')),
      cache: process.outside(network.to(() => servers.cache, 'directory_unavailable')),
      gateway: process.outside(network.to(() => this.gateway, 'peer_unavailable')),
      dedupe: broken.dedupe ?? new DedupeWindow(WINDOW_MS),
      maxIds: SIMULATED_MAX_IDS,
      secret: 'secret',
      failed: () => undefined,
      partitionParts: broken,
      clock,
    });
    process.enter(() => void dispatcher.start());
    return { process, dispatcher };
  }

  private buildSource(process: SimulatedProcess): Source {
    const { random, servers, site } = this;
    const { clock } = process;
    const log = process.outside(servers.log);
    const database = process.outside(servers.database);
    const own = new EmbeddedSource({
      memberId: random.entropy.secretId(),
      topic: likes.topic,
      group: process.outside(servers.group),
      ...{ log, database, clock },
    });
    const topics = site.peers.map(mirroredTopic);
    if (topics.length === 0) return own;
    return new PeeringSource({ own, log, database, topics, clock, windowMs: WINDOW_MS });
  }

  buildFrontend(): Front {
    const { network, random } = this;
    const { broken } = this.site;
    const process = new SimulatedProcess('frontend', this.clock);
    const { clock } = process;
    const { entropy } = random.fork();
    const sockets = new SimulatedSockets(process);
    const worker = { id: entropy.secretId(), url: '' };
    const whole = process.outside(network.to(() => this.anyDispatcher(), 'peer_unavailable'));
    const subscriptions = broken.subscriptions?.(whole) ?? whole;
    const frontend = new Frontend({
      ...{ worker, sockets, subscriptions, clock, entropy },
      maxViewers: 1_000,
      failed: () => undefined,
    });
    process.enter(() => void frontend.start());
    return { process, frontend, sockets, worker };
  }

  /** A frontend that takes viewers now. */
  openFrontend(): Front | undefined {
    const open = this.frontends.filter(({ process }) => process.runs);
    return open.length > 0 ? this.random.pick(open) : undefined;
  }

  private readonly gateway = {
    deliver: async (worker: Worker, updates: readonly Update[]): Promise<void> => {
      const front = this.frontends.find((each) => each.worker.id === worker.id);
      if (!front?.process.alive) throw new LikestreamError('not_found');
      await front.process.within(() => front.frontend.deliveries.receive(worker.id, updates));
    },
  };

  private anyDispatcher(): Subscriptions {
    const { dispatcher, process } = this.random.pick(this.dispatchers);
    const { subscriptions } = dispatcher;
    return {
      renew: (renewal) => process.within(() => subscriptions.renew(renewal)),
      change: (membership) => process.within(() => subscriptions.change(membership)),
    };
  }
}
