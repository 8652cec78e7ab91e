import { Dispatcher } from '../../dispatchers/dispatcher';
import { EmbeddedSource } from '../../dispatchers/embedded-source';
import type { Fold } from '../../dispatchers/fold';
import type { Window } from '../../dispatchers/window';
import { Frontend } from '../../frontends/frontend';
import type { Subscriptions } from '../../frontends/subscriptions';
import { Acceptance } from '../../producers/accept';
import { Ledger } from '../../producers/ledger';
import { RecentLikes } from '../../producers/recent';
import type { Update, Worker } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import { likes } from '../../schemas/likes';
import { Network } from './network';
import { SimulatedProcess } from './process';
import { Seeded } from './seeded';
import { Servers } from './servers';
import { SimulatedSockets } from './simulated-sockets';
import { VirtualClock } from './virtual-clock';

export const WINDOW_MS = 6_000;

const ORIGIN = 'dc1.1';

/** Parts that lack one mechanism, to see that the simulation notices. */
export interface BrokenParts {
  readonly fold?: typeof Fold;
  readonly window?: typeof Window;
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

/** The whole system in one process: 2 producers, 3 dispatchers, 3 frontends on simulated servers. */
export class World {
  readonly clock = new VirtualClock();
  readonly random: Seeded;
  readonly network: Network;
  readonly servers: Servers;
  readonly producers: Producer[];
  readonly dispatchers: Owner[];
  readonly frontends: Front[];

  constructor(
    seed: number,
    private readonly broken: BrokenParts = {},
  ) {
    this.random = new Seeded(seed);
    this.network = new Network(this.clock, this.random.fork());
    this.servers = new Servers(this.clock, this.random.fork());
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
      windowMs: WINDOW_MS,
      clock,
      entropy,
    });
    return { process, acceptance };
  }

  buildDispatcher(): Owner {
    const { broken, network, random, servers } = this;
    const process = new SimulatedProcess('dispatcher', this.clock);
    const { clock } = process;
    const dispatcher = new Dispatcher({
      origin: ORIGIN,
      source: new EmbeddedSource({
        memberId: random.entropy.secretId(),
        topic: likes.topic,
        log: process.outside(servers.log),
        database: process.outside(servers.database),
        group: process.outside(servers.group),
        clock,
      }),
      store: process.outside(network.to(() => servers.likes, 'store_unavailable')),
      states: process.outside(network.to(() => servers.states, 'store_unavailable')),
      directory: process.outside(network.to(() => servers.directory, 'directory_unavailable')),
      cache: process.outside(network.to(() => servers.cache, 'directory_unavailable')),
      gateway: process.outside(network.to(() => this.gateway, 'peer_unavailable')),
      windowMs: WINDOW_MS,
      secret: 'secret',
      failed: () => undefined,
      partitionParts: broken,
      clock,
    });
    process.enter(() => void dispatcher.start());
    return { process, dispatcher };
  }

  buildFrontend(): Front {
    const { broken, network, random } = this;
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
