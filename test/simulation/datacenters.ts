import { Link } from './link';
import { Network } from './network';
import { Seeded } from './seeded';
import { SimulatedDatabase } from './simulated-database';
import type { BrokenOptions } from './site';
import { StoreLink } from './store-link';
import { StoreReplica } from './store-replica';
import { Trace } from './trace';
import { VirtualClock } from './virtual-clock';
import { World } from './world';

/** Several worlds with links between them and between their stores; or a single world. */
export class Datacenters {
  readonly clock = new VirtualClock();
  readonly trace: Trace | undefined;
  readonly random: Seeded;
  readonly network: Network;
  readonly worlds: readonly World[];
  readonly links: readonly Link[];
  readonly storeLinks: readonly StoreLink[];

  constructor(seed: number, count: number, broken: BrokenOptions, isTraced: boolean) {
    const { clock } = this;
    this.trace = isTraced ? new Trace(clock) : undefined;
    this.random = new Seeded(seed);
    const { random, trace } = this;
    this.network = new Network(clock, random.fork(), trace);
    const names = Array.from({ length: count }, (_, at) => `dc${at + 1}`);
    const replicas = new Map(count > 1 ? names.map((name) => [name, this.buildReplica()]) : []);
    this.storeLinks = this.linkStores(replicas);
    this.worlds = names.map((name) => {
      const peers = names.filter((other) => other !== name);
      return new World({
        name,
        peers,
        broken,
        shared: replicas.get(name),
        ...{ clock, random, trace, network: this.network },
      });
    });
    this.links = this.worlds.flatMap((from) =>
      this.worlds.filter((to) => to !== from).map((to) => new Link(from, to, random.fork())),
    );
  }

  get first(): World {
    const [first] = this.worlds;
    if (!first) throw new Error('there is no datacenter');
    return first;
  }

  private buildReplica(): StoreReplica {
    return new StoreReplica(new SimulatedDatabase(this.clock, this.random.fork(), this.trace));
  }

  private linkStores(replicas: ReadonlyMap<string, StoreReplica>): StoreLink[] {
    const links: StoreLink[] = [];
    for (const [from, replica] of replicas) {
      for (const [to, other] of replicas) {
        if (other === replica) continue;
        const link = new StoreLink(from, to, other, this.clock, this.random.fork());
        replica.addLink(link);
        links.push(link);
      }
    }
    return links;
  }
}
