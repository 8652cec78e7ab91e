import { logged, VIDEO } from '../../fixtures/records';
import { countsIn, ground } from '../parts';

test('a row has the counted copy, although its producer stored a later offset', async () => {
  const { open, states, store } = ground();
  const first = { id: 'one', producer: 'a', seq: 1, reaction: 'like' };
  const between = { id: 'one', producer: 'b', seq: 1, reaction: 'love' };
  const row = { id: 'one', memberId: 'ann', at: 1_700_000_000_000 };
  const [like, love] = [{ reaction: 'like' }, { reaction: 'love' }];
  const partition = open();
  await partition.consume([logged(0, first), logged(1, between), logged(2, first)]);
  await store.insert(VIDEO, [{ ...row, body: love, offset: 1 }]);
  await store.insert(VIDEO, [{ ...row, body: like, offset: 2 }]);
  await partition.consume([logged(3, { producer: 'a', seq: 2, stored: 1 })]);
  await partition.checkpoint();
  expect(store.rows.get(`${VIDEO}/one`)).toMatchObject({ body: like, offset: 0 });
  expect(countsIn(states.own(VIDEO))).toEqual({ like: 2 });
});
