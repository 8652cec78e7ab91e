import type { PartitionEntry } from '../../../adapters/partition-log';
import { GenerationLog } from '../../../adapters/shared/generation-log';
import { DrainedLog } from '../../../producers/drained-log';
import { partitionOf, topicPattern } from '../../../schemas/partitions';

function ground(number: number, partitions: number) {
  const appended: [string, readonly PartitionEntry[]][] = [];
  const server = {
    append: async (topic: string, entries: readonly PartitionEntry[]) => {
      appended.push([topic, entries]);
      return [7];
    },
  };
  return { appended, log: new GenerationLog(server, { number, partitions }) };
}

const entry = { key: 'video:42', value: '{}' };

it.each([
  [1, 'likes'],
  [2, 'likes.2'],
])('generation %i appends to its topic, to the partition of the channel', async (number, topic) => {
  const { appended, log } = ground(number, 24);
  expect(await log.append('likes', [entry])).toEqual([7]);
  expect(appended).toEqual([[topic, [{ ...entry, partition: partitionOf('video:42', 24) }]]]);
  expect(topic).toMatch(new RegExp(`^${topicPattern('likes')}$`));
});

it('a log that is drained refuses appends and passes none to the server', async () => {
  const { appended, log } = ground(1, 8);
  let isDraining = true;
  const drained = new DrainedLog(log, () => isDraining);
  await expect(drained.append('likes', [entry])).rejects.toMatchObject({ code: 'log_refused' });
  expect(appended).toEqual([]);
  isDraining = false;
  expect(await drained.append('likes', [entry])).toEqual([7]);
});
