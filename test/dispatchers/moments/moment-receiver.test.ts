import { EmbeddedLeases } from '../../../adapters/embedded/leases';
import { DispatcherMoments } from '../../../dispatchers/moments/moment-receiver';
import type { Report, Update } from '../../../schemas/delivery';
import { VirtualClock } from '../../simulation/virtual-clock';
import { peerValue, types, wave } from './parts';

function use() {
  const updates: Update[] = [];
  const reported: [string, readonly Report[]][] = [];
  const trouble = { isUnavailable: false };
  const moments = new DispatcherMoments({
    ...{ types, clock: new VirtualClock(), datacenter: 'dc1' },
    dispatch: { changed: (some) => void updates.push(...some) },
    contributions: { held: async () => [] },
    directory: { digest: async () => [] },
    leases: new EmbeddedLeases(),
    leased: {
      remove: async () => true,
      repeatsAll: true,
      report: async (contributor, _beat, reports) => {
        if (trouble.isUnavailable) throw new Error('unavailable');
        reported.push([contributor, reports]);
        return new Map();
      },
    },
  });
  return { moments, reported, trouble, updates };
}

test('moments of all datacenters are passed on, and values of peers are reported', async () => {
  const { moments, reported, updates } = use();
  const theirs = wave(2, { datacenter: 'dc2', memberId: 'bob', sending: { by: 'p2', ms: 0 } });
  await moments.moments([wave(1), peerValue(9, { datacenter: 'dc1' }), theirs, peerValue(5)]);
  expect(updates.flatMap(({ vector }) => Object.keys(vector))).toEqual(['ann', 'bob']);
  expect(reported.map(([contributor, [report]]) => [contributor, report?.value])).toEqual([
    ['dc:dc2', 5],
  ]);
});

test('moments are passed on while the directory is unavailable', async () => {
  const { moments, trouble, updates } = use();
  trouble.isUnavailable = true;
  await expect(moments.moments([peerValue(5), wave(1)])).rejects.toThrow('unavailable');
  expect(updates).toHaveLength(1);
});
