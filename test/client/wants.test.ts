import { joinTypes, unionOf } from '../../client/wants';

describe('what several tabs want', () => {
  it('is each channel once, with the types of all', () => {
    const one = { 'video:1': { types: ['likes'], id: 'a' }, 'video:2': { types: ['likes'] } };
    const other = { 'video:1': { types: ['comments', 'likes'], id: 'b' } };
    expect(unionOf([one, other])).toEqual({
      'video:1': { types: ['comments', 'likes'], id: 'a' },
      'video:2': { types: ['likes'], id: undefined },
    });
  });

  it('is all types if one wants all', () => {
    expect(joinTypes([['likes'], []])).toEqual([]);
    expect(joinTypes([['viewers'], ['likes']])).toEqual(['likes', 'viewers']);
  });
});
