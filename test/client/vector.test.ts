import { covers } from '../../client/vector';

describe('a vector', () => {
  it('covers the places of its origins up to its offsets', () => {
    const vector = 'dc1.1@7,dc2.1@30';
    expect(covers(vector, 'dc1.1@7')).toBe(true);
    expect(covers(vector, 'dc1.1@8')).toBe(false);
    expect(covers(vector, 'dc2.1@4')).toBe(true);
  });

  it('covers nothing of an origin that it lacks, also of one with a similar name', () => {
    expect(covers('dc1.11@7', 'dc1.1@1')).toBe(false);
    expect(covers('', 'dc1.1@0')).toBe(false);
  });
});
