import { CASSANDRA_DATACENTER } from './addresses';
import { HOST } from './host';

/** A Cassandra node's place in its cluster. */
export interface CassandraNode {
  readonly datacenter: string;
  /** Its only token. */
  readonly token: number;
  /** Other nodes connect here; a link between them may stand in its place. */
  readonly broadcastAddress: string;
  /** Drivers are told this address of the node. It differs from node to node. */
  readonly broadcastRpcAddress: string;
  /** The node that a starting one asks, `host:port`; itself if not given. */
  readonly seed?: string;
  /** Whether there are other nodes, for which writes are kept while they cannot be reached. */
  readonly hasPeers: boolean;
}

/** A cluster of one. */
export const SINGLE_NODE: CassandraNode = {
  datacenter: CASSANDRA_DATACENTER,
  token: 0,
  broadcastAddress: HOST,
  broadcastRpcAddress: HOST,
  hasPeers: false,
};
