import type { KnownLog } from '../../adapters/cassandra/known-logs';
import { PeerWatch } from '../../app/peer-watch';

function log(origin: string): KnownLog {
  return { origin, partitions: 8, state: undefined };
}

test('warns once of each log of a peer whose updates are not read', async () => {
  const logs = [log('dc1.1'), log('dc1.2'), log('dc2.1')];
  const lines: string[] = [];
  const watch = new PeerWatch({
    peers: ['dc2', 'dc3'],
    read: () => ['dc2.1', 'dc3.1'],
    logs: async () => logs,
    warn: (line) => lines.push(line),
  });
  await watch.check();
  expect(lines).toEqual([]);
  logs.push(log('dc2.2'));
  await watch.check();
  await watch.check();
  expect(lines).toEqual([expect.stringContaining('dc2.2 has begun')]);
});
