import { EventEmitter } from 'node:events';
import { Client, types } from 'cassandra-driver';
import {
  connectAfterRefresh,
  type PooledHost,
  patchControlConnection,
  refreshOneAtATime,
} from '../../../adapters/cassandra/patches';
import { deferred, settled } from '../../fixtures/deferred';

/** A control connection whose refreshes end when the test says so. */
function control() {
  const refreshes: { end: () => void; fail: (error: Error) => void }[] = [];
  let inProgress = 0;
  let most = 0;
  return {
    refreshes,
    most: () => most,
    async _refresh(hosts?: Iterator<unknown>): Promise<void> {
      if (hosts) return;
      inProgress += 1;
      most = Math.max(most, inProgress);
      const { promise, reject, resolve } = deferred<void>();
      refreshes.push({ end: () => resolve(), fail: reject });
      await promise.finally(() => {
        inProgress -= 1;
      });
    },
  };
}

describe('refreshes of the control connection', () => {
  it('run one after the other, calls during one joined into one', async () => {
    const connection = control();
    refreshOneAtATime(connection);
    const calls = [1, 2, 3].map(() => connection._refresh());
    await settled();
    expect(connection.refreshes).toHaveLength(1);
    connection.refreshes[0]?.end();
    await settled();
    expect(connection.refreshes).toHaveLength(2);
    connection.refreshes[1]?.end();
    await Promise.all(calls);
    expect(connection.most()).toBe(1);
    void connection._refresh();
    expect(connection.refreshes).toHaveLength(3);
  });

  it('may be followed by another one after an error', async () => {
    const connection = control();
    refreshOneAtATime(connection);
    const call = connection._refresh();
    connection.refreshes[0]?.fail(new Error('gone'));
    await expect(call).rejects.toThrow('gone');
    void connection._refresh();
    expect(connection.refreshes).toHaveLength(2);
  });

  it('go on with the hosts of the refresh in progress', async () => {
    const connection = control();
    refreshOneAtATime(connection);
    void connection._refresh();
    await connection._refresh([][Symbol.iterator]());
    expect(connection.refreshes).toHaveLength(1);
  });
});

/** A client with a node at each distance; `opened` has the places of those that open a pool. */
function clientOf(distances: readonly types.distance[]) {
  const opened: number[] = [];
  const hosts = new Map<PooledHost, types.distance>(
    distances.map((distance, at) => [{ initializePool: () => void opened.push(at) }, distance]),
  );
  const controlConnection = Object.assign(new EventEmitter(), { _refresh: async () => undefined });
  return {
    opened,
    controlConnection,
    isShuttingDown: false,
    hosts: { values: () => [...hosts.keys()] },
    profileManager: {
      getDistance: (host: PooledHost) => hosts.get(host) ?? types.distance.ignored,
    },
  };
}

describe('after a refresh of the control connection', () => {
  const { ignored, local } = types.distance;

  it('all nodes of the datacenter open their connections', () => {
    const client = clientOf([local, ignored, local]);
    connectAfterRefresh(client);
    client.controlConnection.emit('newConnection', null);
    expect(client.opened).toEqual([0, 2]);
  });

  it('none does if the refresh failed', () => {
    const client = clientOf([local]);
    connectAfterRefresh(client);
    client.controlConnection.emit('newConnection', new Error('gone'));
    expect(client.opened).toEqual([]);
  });

  it('none does if the client shuts down', () => {
    const client = clientOf([local]);
    connectAfterRefresh(client);
    client.isShuttingDown = true;
    client.controlConnection.emit('newConnection', null);
    expect(client.opened).toEqual([]);
  });
});

it('finds the control connection of the driver in use', () => {
  const client = new Client({ contactPoints: ['127.0.0.1:1'], localDataCenter: 'x' });
  expect(() => patchControlConnection(client)).not.toThrow();
});
