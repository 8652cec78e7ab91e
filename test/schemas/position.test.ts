import { lookingUpUntil } from '../../schemas/position';

const ASSIGNMENT = { done: 5, from: 3, end: 9 };

test.each([
  [undefined, undefined, undefined],
  [7, undefined, 7],
  [undefined, 8, 8],
  [7, 8, 8],
  [9, 8, 9],
])('with %p of our log and %p of peers, ids are looked up until %p', (own, peers, expected) => {
  const assignment = { ...ASSIGNMENT, ...(own !== undefined && { lookUpUntil: own }) };
  const all = lookingUpUntil(assignment, peers);
  expect(all).toEqual({ ...ASSIGNMENT, ...(expected !== undefined && { lookUpUntil: expected }) });
});
