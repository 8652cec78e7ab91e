import type { PeerSites } from '../../test/stack/peer-sites';
import type { Options } from '../load/options';

/** The options of the scenes. */
export interface Plan {
  /** Likes a second in each datacenter. */
  readonly rate: number;
  readonly seconds: number;
  /** The time of the same load before, unmeasured, because Java compiles during it. */
  readonly warmUp: number;
  /** Viewers in each datacenter. */
  readonly viewers: number;
  /** The time for which the link is cut, s. */
  readonly cut: number;
  /** The share of likes that are posted to both datacenters. */
  readonly doubles: number;
  /** Prints a line for the person at the terminal. */
  readonly say: (what: string) => void;
}

/** A load that uses the servers of all datacenters in turn. */
export function loadOf(peers: PeerSites, video: string, more: Partial<Options>): Options {
  const servers = peers.sites.map(({ server }) => new URL(server.url));
  return {
    ...{ url: servers, postUrl: servers, token: peers.token, video },
    ...{ videos: 1, batch: 1, cut: 0, doubles: 0, json: true, sourceAddresses: 0 },
    ...{ connectRate: 500, rate: 0, seconds: 0, viewers: 0 },
    ...more,
  };
}
