import { Passing } from '../../../dispatchers/moments/passing';
import type { Update } from '../../../schemas/delivery';
import { VirtualClock } from '../../simulation/virtual-clock';
import { peerValue, types, wave } from './parts';

function use() {
  const clock = new VirtualClock();
  const updates: Update[] = [];
  const dispatch = { changed: (some: readonly Update[]) => void updates.push(...some) };
  const passing = new Passing({ types, dispatch, clock });
  return { clock, passing, updates };
}

const at = wave(0).appendedAt;

test("a moment becomes an update whose origin is the member, by the log's time", () => {
  const { passing, updates } = use();
  passing.pass([wave(3)]);
  const vector = { ann: { version: at, state: 3 } };
  expect(updates).toEqual([{ channel: 'video:1', type: 'waves', vector, t: at }]);
});

test('a member is passed on once in the time of the type, others at once', async () => {
  const { clock, passing, updates } = use();
  passing.pass([wave(1), wave(2), wave(3, { memberId: 'bob' }), wave(4, { channel: 'video:2' })]);
  expect(updates.map(({ vector }) => Object.values(vector)[0]?.state)).toEqual([1, 3, 4]);
  await clock.advance(1_000);
  passing.pass([wave(5, { sending: { by: 'p1', ms: 1_000 } })]);
  expect(updates.at(-1)?.vector).toEqual({ ann: { version: at + 1, state: 5 } });
});

test('versions grow even if the time of the log steps back', async () => {
  const { clock, passing, updates } = use();
  passing.pass([wave(1)]);
  await clock.advance(3_000);
  passing.pass([wave(2, { appendedAt: at - 3_600_000, sending: { by: 'p1', ms: 3_000 } })]);
  expect(updates.at(-1)?.vector).toEqual({ ann: { version: at + 1, state: 2 } });
});

test('a moment that is too old is dropped', async () => {
  const { clock, passing, updates } = use();
  passing.pass([wave(1)]);
  await clock.advance(20_000);
  passing.pass([wave(2, { sending: { by: 'p1', ms: 14_999 } })]);
  expect(updates).toHaveLength(1);
  passing.pass([wave(3, { sending: { by: 'p1', ms: 15_000 } })]);
  expect(updates).toHaveLength(2);
});

test('a moment that a dispatcher finds when it takes over is dropped if it is old', async () => {
  const { clock, passing, updates } = use();
  const appendedAt = clock.now();
  await clock.advance(6_000);
  passing.pass([wave(1, { appendedAt })]);
  expect(updates).toEqual([]);
});

test('records of other types, kinds and shapes are dropped', () => {
  const { passing, updates } = use();
  passing.pass([
    peerValue(3),
    wave(1, { type: 'likes' }),
    wave(1, { channel: 'conversation:1' }),
    wave(1, { value: { height: 'tall' } }),
    wave(1, { memberId: undefined }),
  ]);
  expect(updates).toEqual([]);
});
