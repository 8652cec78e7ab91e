import { compareOrigins, countedOrigin, generationOf } from '../../schemas/origins';

test('origins are ordered by datacenter, then by generation as a number', () => {
  const sorted = ['dc2.1', 'dc1.10', 'dc1.2', 'dc10.1'].sort(compareOrigins);
  expect(sorted).toEqual(['dc1.2', 'dc1.10', 'dc10.1', 'dc2.1']);
  expect(compareOrigins('dc1.1', 'dc1.1')).toBe(0);
  expect(generationOf('dc1.12')).toBe(12);
});

test('the copy that counts is the earliest that was not withdrawn, or else the earliest', () => {
  const origins = ['dc3.1', 'dc1.2', 'dc2.1', 'dc1.1'];
  expect(countedOrigin(origins, new Set())).toBe('dc1.1');
  expect(countedOrigin(origins, new Set(['dc1.1', 'dc1.2']))).toBe('dc2.1');
  expect(countedOrigin(origins, new Set(origins))).toBe('dc1.1');
  expect(countedOrigin([], new Set(['dc1.1']))).toBeUndefined();
});
