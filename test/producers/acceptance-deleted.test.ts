import { posts } from './history-parts';
import { backend } from './parts';

it('answers a repeated id without its text once the entry is deleted', async () => {
  const { accept, log, store } = backend(posts);
  const first = await accept('ann', 'p1', { text: 'hello' });
  expect(await accept('ann', 'p1', { text: 'hello' })).toEqual({ ...first, isNew: false });
  await store.remove('video:42', ['p1']);
  const { entry, isNew } = await accept('ann', 'p1', { text: 'hello' });
  expect(isNew).toBe(false);
  expect(entry).toMatchObject({ id: 'p1', body: {}, isDeleted: true });
  expect(log.logged).toHaveLength(1);
});
