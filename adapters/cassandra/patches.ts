import { type Client, types } from 'cassandra-driver';

/** A node as the driver knows it, as far as a patch uses it; not documented. */
export interface PooledHost {
  /** Opens connections if there are too few and none is being opened or about to be. */
  initializePool(): void;
}

/** The driver's connection for its own queries, as far as it is patched; not documented. */
export interface ControlConnection {
  /** Connects anew. With `hosts` it is the second half of a refresh that is in progress. */
  _refresh(hosts?: Iterator<unknown>): Promise<void>;
  /** Calls `listener` after each refresh, with its error if any; not for the first connect. */
  on(event: 'newConnection', listener: (error: unknown) => void): unknown;
}

/** The driver's client, as far as a patch uses it; not documented. */
export interface PatchedClient {
  readonly controlConnection: ControlConnection;
  readonly hosts: { values(): readonly PooledHost[] };
  readonly isShuttingDown: boolean;
  readonly profileManager: { getDistance(host: PooledHost): types.distance };
}

/**
 * Runs one refresh of the control connection at a time; a call during a refresh runs another one
 * after it. Each refresh sets the connection to null, so two at once end in a TypeError that
 * nothing catches, and the process ends (NODEJS-681: seen when the only node restarts).
 */
export function refreshOneAtATime(control: Pick<ControlConnection, '_refresh'>): void {
  const refresh = control._refresh.bind(control);
  let running: Promise<void> | undefined;
  let isNeeded = false;
  const run = async (): Promise<void> => {
    do {
      isNeeded = false;
      await refresh();
    } while (isNeeded);
  };
  control._refresh = (hosts) => {
    if (hosts) return refresh(hosts);
    isNeeded = true;
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/**
 * Connects to all nodes after each refresh. If no known node is up, a refresh starts again from the
 * contact points. The driver takes the other nodes that it finds then for connected, but connects
 * to none: one node would serve all requests, as after all nodes got new addresses at once.
 */
export function connectAfterRefresh(client: PatchedClient): void {
  const { controlConnection, profileManager } = client;
  controlConnection.on('newConnection', (error) => {
    if (error || client.isShuttingDown) return;
    for (const host of client.hosts.values()) {
      // This also sets the number of connections that the pool needs.
      const distance = profileManager.getDistance(host);
      if (distance !== types.distance.ignored) host.initializePool();
    }
  });
}

/** Patches the control connection of a client. */
export function patchControlConnection(client: Client): void {
  if (!isPatchable(client)) throw new Error('cassandra-driver has changed');
  refreshOneAtATime(client.controlConnection);
  connectAfterRefresh(client);
}

function isPatchable(client: Client): client is Client & PatchedClient {
  return 'controlConnection' in client && 'profileManager' in client && 'isShuttingDown' in client;
}
