import { Client } from 'cassandra-driver';
import { patchControlConnection, refreshOneAtATime } from '../../../adapters/cassandra/patches';
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

it('finds the control connection of the driver in use', () => {
  const client = new Client({ contactPoints: ['127.0.0.1:1'], localDataCenter: 'x' });
  expect(() => patchControlConnection(client)).not.toThrow();
});
