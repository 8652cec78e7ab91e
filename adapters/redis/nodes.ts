import type { Cluster, Redis } from 'ioredis';

export interface ConnectionListeners {
  /** A connection is ready: the server behind it may have lost data, or may be another one. */
  readonly ready: () => void;
  /** A connection has ended. */
  readonly closed: () => void;
}

/** Watches the connection of one server, or those of all nodes of a Cluster. */
export function watchConnections(native: Redis | Cluster, listeners: ConnectionListeners): void {
  const { ready, closed } = listeners;
  native.on('ready', ready);
  native.on('close', closed);
  if (!native.isCluster) return;
  const cluster = native as Cluster;
  // Before `ready` nothing is connected, so no event of a node is missed.
  cluster.on('+node', (node: Redis) => node.on('ready', ready));
  cluster.on('-node', closed);
  let before = primariesOf(cluster);
  cluster.on('refresh', () => {
    const now = primariesOf(cluster);
    if (now !== before) ready();
    before = now;
  });
}

/** A replica may be promoted while its connection stays as it is. */
function primariesOf(cluster: Cluster): string {
  const nodes = cluster.nodes('master').map(({ options: { host, port } }) => `${host}:${port}`);
  return nodes.sort().join();
}
