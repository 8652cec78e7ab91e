import { RequestLimiter } from '../../adapters/cassandra/request-limiter';
import { EmbeddedSource } from '../../adapters/embedded/log-source';
import type { EventLog } from '../../adapters/event-log';
import type { History } from '../../adapters/history';
import type { LogSource } from '../../adapters/log-source';
import { GenerationLog } from '../../adapters/shared/generation-log';
import type { Subscriptions } from '../../adapters/subscriptions';
import { Dispatcher } from '../../dispatchers/dispatcher';
import { LiveWorkers } from '../../dispatchers/workers/live-workers';
import { Frontend } from '../../frontends/frontend';
import { DedupeWindow } from '../../schemas/dedupe-window';
import type { Update, Worker } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { LoggedType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';
import { updatesOf } from '../../schemas/names';
import { ConsumerSwitch } from './consumer-switch';
import { HalfDelivery } from './half-delivery';
import { buildMachines, type Machine, type Machines } from './machines';
import { momentsOf } from './moment-parts';
import type { Network } from './network';
import { PeeringSource } from './peering-source';
import { SimulatedProcess } from './process';
import { buildProducerParts } from './producer-parts';
import type { Seeded } from './seeded';
import { Servers } from './servers';
import { SimulatedSockets } from './simulated-sockets';
import type { Front, Owner, Producer, Site } from './site';
import { SIMULATED_LIMITS, StoreClient } from './store-client';
import { GENERATION, NAMES, TYPES, topicOf } from './types';
import type { VirtualClock } from './virtual-clock';
import { WINDOW_MS } from './window';

/** The most ids of one generation: few, so that the simulation fills it. */
export const SIMULATED_MAX_IDS = 64;

/** A datacenter in one process: 2 producers, 3 dispatchers, 3 frontends on simulated servers. */
export class World {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly random: Seeded;
  readonly network: Network;
  readonly servers: Servers;
  readonly machines: Machines;
  readonly producers: Producer[];
  readonly dispatchers: Owner[];
  readonly frontends: Front[];
  /** The end of the last step of faults with several steps, by the monotonic clock. */
  faultsUntil = 0;
  /** How long a new owner waits before it reads what peers published, ms. */
  peerDelayMs = 0;
  readonly halfDelivery: HalfDelivery;
  /** Whether the network loses all deliveries to frontends, and nothing else. */
  losesDeliveries = false;
  /** The errors with which owners ended. */
  readonly refusals: string[] = [];

  /** The datacenter and its log's generation. */
  readonly origin: string;
  /** The event types of all processes. */
  private readonly types: EventTypes;

  constructor(private readonly site: Site) {
    const { clock, name, network, random } = site;
    this.name = name;
    this.clock = clock;
    this.random = random;
    this.network = network;
    this.origin = `${name}.1`;
    this.types = site.broken.types ?? TYPES;
    this.servers = new Servers(clock, random.fork(), this.origin, site);
    this.halfDelivery = new HalfDelivery(clock);
    this.machines = buildMachines(clock, random.fork());
    this.producers = this.machines.producers.map((machine) => this.buildProducer(machine));
    this.dispatchers = this.machines.dispatchers.map((machine) => this.buildDispatcher(machine));
    this.frontends = this.machines.frontends.map((machine) => this.buildFrontend(machine));
  }

  buildProducer(machine: Machine): Producer {
    const { network, origin, random, servers, types } = this;
    const process = new SimulatedProcess('producer', machine.clock);
    const { clock } = process;
    const { entropy } = random.fork();
    const log = this.logOf(process, machine);
    const parts = buildProducerParts({
      ...{ types, origin, log, clock, entropy },
      storeOf: (type) => this.storeOf(process, type),
      historyOf: (type) => this.historyOf(process, type),
      cache: process.outside(network.to(() => servers.cache, 'directory_unavailable')),
      saved: process.outside(network.to(() => servers.states, 'store_unavailable')),
      dedupe: this.dedupe,
      broken: this.site.broken,
    });
    return { process, ...parts, moments: momentsOf(this, process, this.site.peers) };
  }

  buildDispatcher(machine: Machine): Owner {
    const { network, origin, servers, types } = this;
    const { broken, peers } = this.site;
    const process = new SimulatedProcess('dispatcher', machine.clock);
    const { clock } = process;
    const log = this.logOf(process, machine);
    const switches = types.logged.map(({ name }) => [name, new ConsumerSwitch()] as const);
    const consumers = new Map(switches);
    const gateway = this.halfDelivery.gatewayOf(process, this.gateway);
    const directory = process.outside(network.to(() => servers.directory, 'directory_unavailable'));
    const whole = process.outside(network.to(() => servers.leases, 'directory_unavailable'));
    const leases = broken.leases?.(whole) ?? whole;
    const failed = (): void => undefined;
    const workers = new LiveWorkers({ directory, leases, clock, removesDead: true, failed });
    const dispatcher = new Dispatcher({
      ...{ origin, types },
      sourceOf: (type) => this.buildSource(process, type, consumers.get(type.name)),
      log: peers.length > 0 ? log : undefined,
      rowsOf: (type) => this.storeOf(process, type),
      historyOf: (type) => this.historyOf(process, type),
      states: process.outside(network.to(() => servers.states, 'store_unavailable')),
      ...{ directory, leases, workers },
      contributions: process.outside(
        network.to(() => servers.watchedContributions, 'directory_unavailable'),
      ),
      moments: momentsOf(this, process, peers, broken.received),
      cache: process.outside(network.to(() => servers.cache, 'directory_unavailable')),
      gateway: process.outside(network.to(() => gateway, 'peer_unavailable')),
      dedupe: this.dedupe,
      maxIds: SIMULATED_MAX_IDS,
      secret: 'secret',
      partitionClasses: broken,
      refill: broken.refill,
      service: broken.service,
      ...{ clock, failed },
    });
    process.outside(servers).onRedisReady(() => {
      workers.interrupt();
      dispatcher.refillCache();
      dispatcher.leased?.holdBack();
    });
    // Redis may have begun anew while no dispatcher was there.
    dispatcher.leased?.holdBack();
    broken.dispatcher?.(dispatcher);
    process.enter(() => {
      workers.start();
      void dispatcher.start();
    });
    return { process, dispatcher, consumers };
  }

  private logOf(process: SimulatedProcess, { held }: Machine): EventLog {
    const { network, servers } = this;
    const log = process.outside(network.to(() => servers.log, 'log_unavailable', held));
    return new GenerationLog(log, GENERATION, NAMES);
  }

  private buildSource(
    process: SimulatedProcess,
    type: LoggedType,
    consumer = new ConsumerSwitch(),
  ): LogSource {
    const { dedupe, random, servers, site, types } = this;
    const { clock } = process;
    const log = process.outside(servers.log);
    const database = process.outside(servers.database);
    const own = new (site.broken.source ?? EmbeddedSource)({
      fatal: (error) => this.refused(process, error),
      memberId: random.entropy.secretId(),
      topic: topicOf(type.name),
      group: process.outside(consumer.group(servers.groupOf(type))),
      log: process.outside(consumer.log(servers.log)),
      ...{ database, clock },
    });
    const updates = topicOf(updatesOf(type.name));
    const topics = site.peers.map((name) => NAMES.mirrored(name, updates));
    if (topics.length === 0) return own;
    const delayMs = (): number => this.peerDelayMs;
    const common = { types, type: type.name, clock, delayMs, dedupe };
    return new PeeringSource({ own, log, database, topics, ...common });
  }

  buildFrontend(machine: Machine): Front {
    const { network, random, types } = this;
    const { broken } = this.site;
    const process = new SimulatedProcess('frontend', machine.clock);
    const { clock } = process;
    const { entropy } = random.fork();
    const sockets = new SimulatedSockets(process);
    const worker = { id: entropy.secretId(), url: '' };
    const whole = process.outside(network.to(() => this.anyDispatcher(), 'peer_unavailable'));
    const subscriptions = broken.subscriptions?.(whole) ?? whole;
    const frontend = new Frontend({
      ...{ worker, types, sockets, subscriptions, clock, entropy },
      maxViewers: 1_000,
      failed: () => undefined,
    });
    process.enter(() => void frontend.start());
    return { datacenter: this.name, process, frontend, sockets, worker };
  }

  /** Whether there are other datacenters. */
  get hasPeers(): boolean {
    return this.site.peers.length > 0;
  }

  /** A frontend that accepts viewers now. */
  openFrontend(): Front | undefined {
    const open = this.frontends.filter(({ process }) => process.runs);
    return open.length > 0 ? this.random.pick(open) : undefined;
  }

  private get dedupe(): DedupeWindow {
    return this.site.broken.dedupe ?? new DedupeWindow(WINDOW_MS);
  }

  private storeOf(process: SimulatedProcess, type: LoggedType): StoreClient {
    const { network, servers } = this;
    const server = process.outside(network.to(() => servers.rowsOf(type), 'store_unavailable'));
    const limit =
      this.site.broken.storeLimit?.() ?? new RequestLimiter(SIMULATED_LIMITS, process.clock);
    return new StoreClient(server, limit);
  }

  private historyOf(process: SimulatedProcess, type: LoggedType): History {
    const { network, servers } = this;
    return process.outside(network.to(() => servers.historyOf(type), 'store_unavailable'));
  }

  // A process ends if its log has lost counted records.
  private refused(process: SimulatedProcess, error: Error): void {
    this.refusals.push(error.message);
    // The code that reports the error runs on until its next wait, so the process ends later.
    this.clock.after(0, () => process.kill());
  }

  private readonly gateway = {
    deliver: async (worker: Worker, updates: readonly Update[]): Promise<void> => {
      if (this.losesDeliveries) throw new LikestreamError('peer_unavailable');
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
