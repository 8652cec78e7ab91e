import { PARTITIONS, partitionOf } from '../../schemas/partitions';

it('spreads channels over all partitions, always in the same way', () => {
  const channels = Array.from({ length: 2_000 }, (_, at) => `video:${at}`);
  const used = new Set(channels.map((channel) => partitionOf(channel)));
  expect([...used].sort((a, b) => a - b)).toEqual(Array.from({ length: PARTITIONS }, (_, p) => p));
  expect(new Set(channels.map((channel) => partitionOf(channel, 3)))).toEqual(new Set([0, 1, 2]));
});

it('never changes the partition of a channel, because records are kept there', () => {
  expect(PARTITIONS).toBe(24);
  const names = ['video:1', 'video:2', 'video:42', 'video:demo'];
  expect(names.map((name) => partitionOf(name))).toEqual([17, 8, 0, 5]);
  expect(partitionOf('video:42')).toBe(partitionOf('video:42', 24));
});
