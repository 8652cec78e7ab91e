import { endsOf, groupProgress, recordsLeft } from '../../../tools/drain/group-progress';

const admin = {
  fetchOffsets: async () => [
    {
      topic: 'likes',
      partitions: [
        { partition: 1, offset: '5', metadata: null },
        { partition: 2, offset: '-1', metadata: null },
      ],
    },
  ],
  fetchTopicOffsets: async () => [
    { partition: 2, offset: '3', low: '0', high: '3' },
    { partition: 0, offset: '0', low: '0', high: '0' },
    { partition: 1, offset: '7', low: '2', high: '7' },
    { partition: 3, offset: '9', low: '9', high: '9' },
  ],
};

test('a group has not read the records from its position on, or any if it has none', async () => {
  const progress = await groupProgress(admin, 'group', 'likes');
  expect(progress.map(({ done }) => done)).toEqual([0, 5, 0, 0]);
  expect(progress.map((each) => recordsLeft([each]))).toEqual([0, 2, 3, 0]);
  expect(recordsLeft(progress)).toBe(5);
  expect(endsOf(progress)).toEqual(
    new Map([
      [0, 0],
      [1, 7],
      [2, 3],
      [3, 9],
    ]),
  );
});

test('records after a given end do not count', async () => {
  const progress = await groupProgress(admin, 'group', 'likes');
  expect(recordsLeft(progress, new Map([[1, 6]]))).toBe(4);
});
