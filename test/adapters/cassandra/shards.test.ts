import { SHARDS, shardOf } from '../../../adapters/cassandra/shards';
import { Seeded } from '../../simulation/seeded';

const START_MS = 1_700_000_000_000;

describe('shardOf', () => {
  it('is the same for all ids of one window of 256 ms', () => {
    const { entropy } = new Seeded(1);
    const first = Math.floor(START_MS / 256) * 256;
    const shards = Array.from({ length: 256 }, (_, ms) => shardOf(entropy.timedId(first + ms)));
    expect(new Set(shards).size).toBe(1);
    const later = Array.from({ length: 64 }, (_, at) => shardOf(entropy.timedId(first + at * 256)));
    expect(new Set(later).size).toBeGreaterThan(32);
  });

  it.each([
    ['47 minutes apart', 47 * 60_000],
    ['a second apart', 1_000],
    ['one window apart', 256],
  ])('spreads ids over all shards evenly: %s', (_, stepMs) => {
    const { entropy } = new Seeded(1);
    const counts = new Array<number>(SHARDS).fill(0);
    const perShard = 100;
    for (let at = 0; at < SHARDS * perShard; at++) {
      const shard = shardOf(entropy.timedId(START_MS + at * stepMs));
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(perShard / 2);
    expect(Math.max(...counts)).toBeLessThan(perShard * 2);
  });

  it.each([
    ['018bcfe5-6800-7abc-8def-0123456789ab', 1_021],
    ['018BCFE5-68FF-7abc-8def-0123456789ab', 125],
    ['018bcfe5-6900-7abc-8def-0123456789ab', 618],
    ['018bcfe5-6800-4abc-8def-0123456789ab', 580],
    ['ann', 24],
  ])('never changes: rows would be lost, as that of %s', (id, shard) => {
    expect(shardOf(id)).toBe(shard);
  });

  it('spreads other ids by all of their characters', () => {
    const ids = Array.from({ length: 100 * SHARDS }, (_, at) => `member-0123456789-${at}`);
    const counts = new Map<number, number>();
    for (const id of ids) counts.set(shardOf(id), (counts.get(shardOf(id)) ?? 0) + 1);
    expect(counts.size).toBe(SHARDS);
    expect(Math.max(...counts.values())).toBeLessThan(200);
    expect(Math.max(...counts.keys())).toBe(SHARDS - 1);
  });
});
