import { EmbeddedLeases } from '../../../adapters/embedded/leases';
import { PeerBeats } from '../../../dispatchers/moments/peer-beats';
import { types } from './parts';

function use() {
  const leases = new EmbeddedLeases();
  const turns: [string, number][] = [];
  const removed: [string, number, number][] = [];
  const directory = {
    digest: async (id: string, turn: number) => {
      turns.push([id, turn]);
      return [];
    },
  };
  const leased = {
    remove: async (id: string, beat: number, graceMs: number) =>
      removed.push([id, beat, graceMs]) > 0,
  };
  const open = () => new PeerBeats({ types, leases, directory, leased });
  const beats = open();
  const raise = (offset: number, end = offset + 1, by = beats) => by.raise('dc2', { offset, end });
  const beatOf = async () => (await leases.all()).map(({ beat, worker }) => [worker.id, beat]);
  return { beatOf, leases, open, raise, removed, turns };
}

test("a heartbeat raises the datacenter's beat, and keeps its values", async () => {
  const { beatOf, raise, removed, turns } = use();
  await raise(10);
  await raise(12);
  expect(await beatOf()).toEqual([['dc:dc2', 12]]);
  expect(turns).toEqual([
    ['dc:dc2', 1],
    ['dc:dc2', 2],
  ]);
  expect(removed).toEqual([]);
});

test('a heartbeat that is read again changes nothing', async () => {
  const { beatOf, raise, removed } = use();
  await raise(12, 14);
  await raise(10, 14);
  expect(await beatOf()).toEqual([['dc:dc2', 12]]);
  expect(removed).toEqual([]);
});

test('if the mirrored topic begins anew, so do the values and beats, once', async () => {
  const { beatOf, open, raise, removed } = use();
  await raise(10_000);
  const other = open();
  await raise(3, 5, other);
  expect(removed).toEqual([['dc:dc2', 10_000, 0]]);
  expect(await beatOf()).toEqual([['dc:dc2', 3]]);
  await raise(4, 5, other);
  expect(removed).toHaveLength(1);
  expect(await beatOf()).toEqual([['dc:dc2', 4]]);
});

test('they begin anew also if the lease was removed in between', async () => {
  const { beatOf, leases, raise, removed } = use();
  await raise(10_000);
  await leases.remove('dc:dc2', 10_000);
  await raise(3, 5);
  expect(removed).toEqual([['dc:dc2', 10_000, 0]]);
  expect(await beatOf()).toEqual([['dc:dc2', 3]]);
});
