import { Held } from '../../../runtime/limits/held';

it('counts what each key holds, and forgets keys that hold nothing', () => {
  const held = new Held();
  for (let at = 0; at < 3; at++) held.add('a');
  held.add('b', 5);
  held.add('a', -1);
  expect([held.of('a'), held.of('b'), held.of('c'), held.size]).toEqual([2, 5, 0, 2]);
  held.add('a', -2);
  held.add('b', -5);
  expect(held.size).toBe(0);
});
