import { CASSANDRA_DATACENTER } from './addresses';
import { HOST } from './host';

/** The configuration of a Cassandra node in its cluster. */
export interface CassandraNode {
  readonly datacenter: string;
  /** Its only token. */
  readonly token: number;
  /** The address to which other nodes connect; tests may put a link in between. */
  readonly broadcastAddress: string;
  /** The node's address for drivers. It differs from node to node. */
  readonly broadcastRpcAddress: string;
  /** The node that a starting node contacts, `host:port`; itself if not given. */
  readonly seed?: string;
  /** Whether there are other nodes, for which hints are kept while they are unreachable. */
  readonly hasPeers: boolean;
}

/** A cluster of one node. */
export const SINGLE_NODE: CassandraNode = {
  datacenter: CASSANDRA_DATACENTER,
  token: 0,
  broadcastAddress: HOST,
  broadcastRpcAddress: HOST,
  hasPeers: false,
};
