import type { PartitionEntry } from '../../../adapters/partition-log';
import { GenerationLog } from '../../../adapters/shared/generation-log';
import { DrainedLog } from '../../../producers/drained-log';
import { Names, updatesOf } from '../../../schemas/names';
import { partitionOf } from '../../../schemas/partitions';

function ground(number: number, partitions: number, names = new Names()) {
  const appended: [string, readonly PartitionEntry[]][] = [];
  const server = {
    append: async (topic: string, entries: readonly PartitionEntry[]) => {
      appended.push([topic, entries]);
      return [7];
    },
  };
  return { appended, log: new GenerationLog(server, { number, partitions }, names) };
}

const entry = { key: 'video:42', value: '{}' };

it.each([
  ['likes', 1, 'likestream.likes'],
  ['likes', 2, 'likestream.likes.2'],
  [updatesOf('likes'), 1, 'likestream.updates.likes'],
  [updatesOf('likes'), 2, 'likestream.updates.likes.2'],
])('%s of generation %i go to the topic, and to the partition of the channel', async (...row) => {
  const [name, number, topic] = row;
  const { appended, log } = ground(number, 24);
  expect(await log.append(name, [entry])).toEqual([7]);
  expect(appended).toEqual([[topic, [{ ...entry, partition: partitionOf('video:42', 24) }]]]);
});

it('a topic has the name of the namespace', async () => {
  const { appended, log } = ground(1, 8, new Names('other'));
  await log.append('likes', [entry]);
  expect(appended.map(([topic]) => topic)).toEqual(['other.likes']);
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
