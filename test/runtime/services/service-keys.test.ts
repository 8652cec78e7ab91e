import { ServiceKeys } from '../../../runtime/services/service-keys';

const keys = new ServiceKeys('the secret of this test');

it('a code is valid for its purpose, parts and body alone', () => {
  const code = keys.sign('call', ['POST', '/a', 7], 'body');
  expect(keys.isSigned(code, 'call', ['POST', '/a', 7], 'body')).toBe(true);
  expect(keys.isSigned(code, 'answer', ['POST', '/a', 7], 'body')).toBe(false);
  expect(keys.isSigned(code, 'call', ['POST', '/a', 8], 'body')).toBe(false);
  expect(keys.isSigned(code, 'call', ['POST', '/a', 7], 'bodies')).toBe(false);
});

it('parts cannot be moved into each other, or into the body', () => {
  const code = keys.sign('call', ['a', 'b'], 'c');
  for (const [parts, body] of [
    [['ab', ''], 'c'],
    [['a', 'b', ''], 'c'],
    [['a'], '"b"]\nc'],
    [['a","b'], 'c'],
    [['a', 'b\nc'], ''],
  ] as const) {
    expect(keys.isSigned(code, 'call', parts, body)).toBe(false);
  }
});

it.each(['', 'x', 'not a code', 'A'.repeat(43), 'A'.repeat(2_000)])(
  'refuses the code %p',
  (code) => {
    expect(keys.isSigned(code, 'call', ['a'])).toBe(false);
  },
);

it('with two secrets the first one signs, and both are valid', () => {
  const [old, next] = [new ServiceKeys('the old one'), new ServiceKeys('the new one')];
  const both = new ServiceKeys('the new one, the old one');
  expect(next.isSigned(both.sign('call', []), 'call', [])).toBe(true);
  expect(old.isSigned(both.sign('call', []), 'call', [])).toBe(false);
  for (const each of [old, next]) {
    expect(both.isSigned(each.sign('call', []), 'call', [])).toBe(true);
  }
});
