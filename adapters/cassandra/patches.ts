import type { Client } from 'cassandra-driver';

/** The driver's connection for its own queries, as far as it is patched; not documented. */
export interface ControlConnection {
  /** Connects anew. With `hosts` it is the second half of a refresh that is in progress. */
  _refresh(hosts?: Iterator<unknown>): Promise<void>;
}

/**
 * Runs one refresh of the control connection at a time; a call during a refresh runs another one
 * after it. Each refresh sets the connection to null, so two at once end in a TypeError that
 * nothing catches, and the process ends (NODEJS-681: seen when the only node restarts).
 */
export function refreshOneAtATime(control: ControlConnection): void {
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

/** Patches the control connection of a client. */
export function patchControlConnection(client: Client): void {
  if (!('controlConnection' in client)) throw new Error('cassandra-driver has changed');
  refreshOneAtATime(client.controlConnection as ControlConnection);
}
