import { bucketOf } from '../../schemas/digest';
import { redisOf } from './redis-image';
import { TYPES } from './types';
import { UnpublishedRemoval } from './unpublished-removal';

const FEED = { channel: 'video:a', type: 'viewers' };
const BUCKET = bucketOf(FEED.channel);

test('the first removal of values of the given worker has no answer, and no other', async () => {
  const unpublished = new UnpublishedRemoval();
  const context = { types: TYPES, leasedOrigin: 'dc1.0', newLife: () => 'life' };
  const contributions = unpublished.contributionsOf(redisOf(context).contributions);
  for (const id of ['ann', 'bob']) {
    await contributions.report(id, 1, [{ ...FEED, number: 1, seen: 0, value: 1 }]);
  }
  unpublished.arm('bob');
  const remove = (id: string) => contributions.remove(id, 1, [FEED.type], BUCKET);
  expect(await remove('ann')).toHaveLength(1);
  let isAnswered = false;
  void remove('bob').then(() => {
    isAnswered = true;
  });
  expect(await remove('bob')).toHaveLength(1);
  expect(isAnswered).toBe(false);
});
