import { setTimeout as pause } from 'node:timers/promises';
import type { CassandraNodes } from '../../test/stack/cassandra-nodes';
import type { PeerSites } from '../../test/stack/peer-sites';
import type { RoleProcess } from '../../test/stack/role-process';
import type { ChaosSite } from '../chaos/chaos-site';
import type { Rows } from '../chaos/side-load';

/** Cassandra sends kept writes to a node that is back within this time. */
const EQUAL_WITHIN_MS = 60_000;
const LOOK_MS = 1_000;

/** Two datacenters as one system under test, with likes and viewers at both. */
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
    const servers = this.peers.sites.map(({ server }) => server);
    return { frontend: servers, producer: servers };
  }

  /** Waits until the Cassandras of all datacenters have the same rows; rejects if they never do. */
  async reactions(video: string): Promise<Rows> {
    const giveUpAt = performance.now() + EQUAL_WITHIN_MS;
    for (;;) {
      const all = await this.peers.reactionsInEach(video);
      const wrong = rowDifferences(video, all, this.comparesReactions);
      const [first] = all;
      if (first && wrong.length === 0) return first;
      if (performance.now() > giveUpAt) throw new Error(wrong.join('; '));
      await pause(LOOK_MS);
    }
  }
}

/** How the rows of other datacenters differ from those of the first. */
export function rowDifferences(
  video: string,
  [first = new Map<string, string>(), ...others]: readonly Rows[],
  comparesReactions: boolean,
): string[] {
  return others.flatMap((rows, at) => {
    const missing = [...first.keys()].filter((id) => !rows.has(id)).length;
    const foreign = [...rows.keys()].filter((id) => !first.has(id)).length;
    const unlike = [...first].filter(([id, reaction]) => rows.has(id) && rows.get(id) !== reaction);
    const name = `${video}: of ${first.size} rows of datacenter 1, datacenter ${at + 2}`;
    return [
      ...(missing + foreign > 0 ? [`${name} lacks ${missing} and has ${foreign} others`] : []),
      ...(comparesReactions && unlike.length > 0
        ? [`${name} has ${unlike.length} with another reaction`]
        : []),
    ];
  });
}
