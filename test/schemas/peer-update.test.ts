import fc from 'fast-check';
import '../fixtures/same-runs';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { encodePeerUpdate, parsePeerUpdate } from '../../schemas/peer-update';
import { ids, stateAt, vectors } from './arbitraries';

const types = new EventTypes([likes]);
const feed = { channel: 'video:42', type: 'likes', isReplay: false };

it('is parsed as it was encoded, with the state of its origin alone', () => {
  const counted = fc.array(ids, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(vectors, fc.nat(), counted, (vector, t, countedIds) => {
      const value = encodePeerUpdate({ t, vector }, 'dc1.1', countedIds) ?? '';
      const own = vector['dc1.1'];
      const expected = own ? { 'dc1.1': own } : {};
      expect(parsePeerUpdate(types, feed, value)).toEqual({
        ...feed,
        vector: expected,
        t,
        origin: 'dc1.1',
        countedIds,
      });
    }),
  );
});

it('has the deleted ids, also without a state', () => {
  const value = encodePeerUpdate({ t: 1, vector: {} }, 'dc1.1', [], ['a', 'b']) ?? '';
  expect(parsePeerUpdate(types, feed, value)).toMatchObject({
    countedIds: [],
    deletedIds: ['a', 'b'],
  });
});

it('is not encoded if it has neither a state nor ids', () => {
  expect(encodePeerUpdate({ t: 1, vector: { 'dc2.1': stateAt(1) } }, 'dc1.1')).toBeUndefined();
});

it('is refused if the state is none of its type', () => {
  const wrong = { 'dc1.1': { version: 1, state: { like: 'many' } } };
  const value = encodePeerUpdate({ t: 1, vector: wrong }, 'dc1.1') ?? '';
  expect(() => parsePeerUpdate(types, feed, value)).toThrow();
  const unknown = parsePeerUpdate(types, { ...feed, type: 'unknown' }, value);
  expect(unknown.vector).toEqual(wrong);
});

it.each([
  '{',
  '{}',
  '{"origin":"dc1.1"}',
  '{"origin":1,"t":1}',
  '{"origin":"dc1.1","t":1,"ids":["a/b"]}',
  '{"origin":"dc1.1","t":1,"deleted":["a/b"]}',
])('is refused if it is not valid: %s', (value) => {
  expect(() => parsePeerUpdate(types, feed, value)).toThrow();
});
