import { parsePageQuery } from '../../producers/history-query';

it('has the newest 20 entries without parameters', () => {
  expect(parsePageQuery({ other: 'x' })).toEqual({ limit: 20 });
});

it('reads vectors, and an id as `before`', () => {
  const vector = new Map([
    ['dc1.1', 5],
    ['dc2.1', 0],
  ]);
  const query = { after: 'dc1.1@5,dc2.1@0', upTo: '', limit: '100' };
  expect(parsePageQuery(query)).toEqual({ after: vector, upTo: new Map(), limit: 100 });
  expect(parsePageQuery({ before: 'dc1.1@5,dc2.1@0' }).before).toEqual(vector);
  expect(parsePageQuery({ before: 'post-1' }).before).toBe('post-1');
});

it.each<Record<string, string | string[]>>([
  { limit: '0' },
  { limit: '101' },
  { limit: '1.5' },
  { limit: '' },
  { limit: ['1', '2'] },
  { after: 'dc1.1' },
  { after: 'dc1.1@-1' },
  { upTo: 'post-1' },
  { before: 'a b' },
  { before: 'dc1.1@1', after: '' },
])('%j is refused', (query) => {
  expect(() => parsePageQuery(query)).toThrow(expect.objectContaining({ code: 'invalid_query' }));
});
