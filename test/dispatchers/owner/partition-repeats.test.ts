import { logged, VIDEO } from '../../fixtures/records';
import { ground, ORIGIN } from '../parts';

test('a row has the counted copy, although its producer stored a later offset', async () => {
  const { open, states, store } = ground();
  const first = { likeId: 'one', producer: 'a', seq: 1, reaction: 'like' };
  const between = { likeId: 'one', producer: 'b', seq: 1, reaction: 'love' };
  const row = { likeId: 'one', videoId: '42', memberId: 'ann', at: 1_700_000_000_000 };
  const partition = open();
  await partition.consume([logged(0, first), logged(1, between), logged(2, first)]);
  await store.insert(VIDEO, [{ ...row, reaction: 'love', offset: 1 }]);
  await store.insert(VIDEO, [{ ...row, reaction: 'like', offset: 2 }]);
  await partition.consume([logged(3, { producer: 'a', seq: 2, stored: 1 })]);
  await partition.checkpoint();
  expect(store.rows.get(`${VIDEO}/one`)).toMatchObject({ reaction: 'like', offset: 0 });
  expect(states.cells.get(`${VIDEO}/${ORIGIN}`)?.counts).toEqual({ like: 2 });
});
