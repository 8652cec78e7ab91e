import {
  compareOrigins,
  countedOrigin,
  datacenterOf,
  generationOf,
  ORIGIN_PATTERN,
  originOf,
} from '../../schemas/origins';

test('origins are ordered by datacenter, then by generation and part as numbers', () => {
  const expected = ['dc1.2', 'dc1.2.0', 'dc1.2.3', 'dc1.2.20', 'dc1.10', 'dc10.1', 'dc2.1'];
  expect([...expected].sort().sort(compareOrigins)).toEqual(expected);
  expect(compareOrigins('dc1.1', 'dc1.1')).toBe(0);
  expect(compareOrigins('dc1.1.2', 'dc1.1.2')).toBe(0);
});

test('an origin has the datacenter and the generation of its log, with or without a part', () => {
  expect(originOf('dc1', 12)).toBe('dc1.12');
  for (const origin of ['dc1.12', 'dc1.12.3']) {
    expect(ORIGIN_PATTERN.test(origin)).toBe(true);
    expect([datacenterOf(origin), generationOf(origin)]).toEqual(['dc1', 12]);
  }
  for (const text of ['dc1', 'dc1.', 'DC1.1', 'dc1.1.2.3', '.1', 'dc1.x', 'dc1.1.']) {
    expect([text, ORIGIN_PATTERN.test(text)]).toEqual([text, false]);
  }
});

test('the copy that counts is the earliest that was not withdrawn, or else the earliest', () => {
  const origins = ['dc3.1', 'dc1.2', 'dc2.1', 'dc1.1'];
  expect(countedOrigin(origins, new Set())).toBe('dc1.1');
  expect(countedOrigin(origins, new Set(['dc1.1', 'dc1.2']))).toBe('dc2.1');
  expect(countedOrigin(origins, new Set(origins))).toBe('dc1.1');
  expect(countedOrigin([], new Set(['dc1.1']))).toBeUndefined();
});
