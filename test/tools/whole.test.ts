import { whole } from '../../tools/whole';

test.each([
  ['1', 1],
  ['300000', 300_000],
])('%s is a whole number from 1 on', (text, value) => {
  expect(whole(1)(text)).toBe(value);
});

test.each(['', ' ', '0', '-1', '1.5', 'many', '9007199254740993'])('"%s" is refused', (text) => {
  expect(() => whole(1)(text)).toThrow('a whole number from 1 on.');
});
