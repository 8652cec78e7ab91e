import { EmbeddedLeases } from '../../../adapters/embedded/leases';
import { PeerBeats } from '../../../dispatchers/moments/peer-beats';

function use() {
  const leases = new EmbeddedLeases();
  const turns: [string, number][] = [];
  const directory = {
    digest: async (id: string, turn: number) => {
      turns.push([id, turn]);
      return [];
    },
  };
  const beatOf = async () => (await leases.all()).map(({ beat, worker }) => [worker.id, beat]);
  return { beats: new PeerBeats({ leases, directory }), beatOf, turns };
}

test("a heartbeat raises the datacenter's beat, and keeps its values", async () => {
  const { beatOf, beats, turns } = use();
  await beats.raise('dc2', 10);
  await beats.raise('dc2', 12);
  expect(await beatOf()).toEqual([['dc:dc2', 12]]);
  expect(turns).toEqual([
    ['dc:dc2', 1],
    ['dc:dc2', 2],
  ]);
});

test('the beat grows on if the mirrored topic begins anew', async () => {
  const { beatOf, beats } = use();
  await beats.raise('dc2', 10_000);
  await beats.raise('dc2', 0);
  expect(await beatOf()).toEqual([['dc:dc2', 10_001]]);
});
