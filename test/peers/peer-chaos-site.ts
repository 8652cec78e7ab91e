import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosSite } from '../chaos/chaos-site';
import type { Rows } from '../chaos/side-load';
import type { CassandraNodes } from '../stack/cassandra-nodes';
import type { PeerSites } from '../stack/peer-sites';
import type { RoleProcess } from '../stack/role-process';

/** Cassandra sends kept writes to a node that is back within this time. */
const EQUAL_WITHIN_MS = 60_000;
const LOOK_MS = 1_000;

/** Two datacenters as one system under test: likes and viewers at both doors. */
export class PeerChaosSite implements ChaosSite {
  readonly mayStepBack = true;

  constructor(
    readonly peers: PeerSites,
    readonly cassandras: CassandraNodes,
    readonly comparesReactions: boolean,
  ) {}

  get token(): string {
    return this.peers.token;
  }

  get processes(): readonly RoleProcess[] {
    return this.peers.processes;
  }

  get roles(): ChaosSite['roles'] {
    const doors = this.peers.sites.map(({ door }) => door);
    return { frontend: doors, producer: doors };
  }

  /** Waits until the Cassandras of all datacenters have the same rows; rejects if they never do. */
  async reactions(video: string): Promise<Rows> {
    const giveUpAt = performance.now() + EQUAL_WITHIN_MS;
    for (;;) {
      const [first = new Map<string, string>(), ...others] =
        await this.peers.reactionsInEach(video);
      const unequal = others.filter((rows) => !this.areSame(rows, first));
      if (unequal.length === 0) return first;
      if (performance.now() > giveUpAt) throw new Error(this.differenceOf(video, first, unequal));
      await pause(LOOK_MS);
    }
  }

  private areSame(one: Rows, other: Rows): boolean {
    const isSame = ([id, reaction]: readonly [string, string]): boolean =>
      this.comparesReactions ? other.get(id) === reaction : other.has(id);
    return one.size === other.size && [...one].every(isSame);
  }

  private differenceOf(video: string, first: Rows, others: readonly Rows[]): string {
    const sizes = [first, ...others].map(({ size }) => size).join(' and ');
    return `${video}: the datacenters' rows differ, ${sizes} of them`;
  }
}
