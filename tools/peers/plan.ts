import type { PeerSites } from '../../test/stack/peer-sites';
import type { Options } from '../load/options';

/** What is asked for. */
export interface Plan {
  /** Likes a second in each datacenter. */
  readonly rate: number;
  readonly seconds: number;
  /** As long at first with the same load, unmeasured: Java compiles what it runs. */
  readonly warmUp: number;
  /** Viewers in each datacenter. */
  readonly viewers: number;
  /** How long the link is cut, s. */
  readonly cut: number;
  /** The share of likes that are posted to both datacenters. */
  readonly doubles: number;
  /** Told what is going on. */
  readonly say: (what: string) => void;
}

/** A load between the servers of all datacenters, in turn. */
export function loadOf(peers: PeerSites, video: string, more: Partial<Options>): Options {
  const servers = peers.sites.map(({ server }) => new URL(server.url));
  return {
    ...{ url: servers, postUrl: servers, token: peers.token, video },
    ...{ videos: 1, batch: 1, cut: 0, doubles: 0, json: true, sourceAddresses: 0 },
    ...{ connectRate: 500, rate: 0, seconds: 0, viewers: 0 },
    ...more,
  };
}
