import { Link } from './link';
import { Network } from './network';
import { Seeded } from './seeded';
import { SimulatedDatabase } from './simulated-database';
import type { BrokenParts } from './site';
import { Trace } from './trace';
import { VirtualClock } from './virtual-clock';
import { World } from './world';

/** Several worlds with links between them, and a store that spans them; or a single world. */
export class Datacenters {
  readonly clock = new VirtualClock();
  readonly trace: Trace | undefined;
  readonly random: Seeded;
  readonly network: Network;
  readonly worlds: readonly World[];
  readonly links: readonly Link[];

  constructor(seed: number, count: number, broken: BrokenParts, isTraced: boolean) {
    const { clock } = this;
    this.trace = isTraced ? new Trace(clock) : undefined;
    this.random = new Seeded(seed);
    const { random, trace } = this;
    this.network = new Network(clock, random.fork(), trace);
    const shared = count > 1 ? new SimulatedDatabase(clock, random.fork(), trace) : undefined;
    const names = Array.from({ length: count }, (_, at) => `dc${at + 1}`);
    this.worlds = names.map((name) => {
      const peers = names.filter((other) => other !== name);
      return new World({
        name,
        peers,
        shared,
        broken,
        ...{ clock, random, trace, network: this.network },
      });
    });
    this.links = this.worlds.flatMap((from) =>
      this.worlds.filter((to) => to !== from).map((to) => new Link(from, to, random.fork())),
    );
  }

  /**
   * Whether viewers must have equal reactions at rest. One id with two reactions in two datacenters
   * may still leave rows and totals with different ones.
   */
  get comparesReactions(): boolean {
    return this.worlds.length === 1;
  }

  get first(): World {
    const [first] = this.worlds;
    if (!first) throw new Error('there is no datacenter');
    return first;
  }
}
