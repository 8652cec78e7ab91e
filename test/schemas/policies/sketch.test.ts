import { NO_IDS, withId } from '../../../schemas/hyperloglog';
import { sketch } from '../../../schemas/policies/sketch';

const policy = sketch({ field: 'unique' });
const [ann, ben, both] = [
  withId(NO_IDS, 'ann'),
  withId(NO_IDS, 'ben'),
  withId(withId(NO_IDS, 'ann'), 'ben'),
];

describe('a sketch', () => {
  it('has all ids of all workers, and keeps them when the workers go', () => {
    expect(policy.join([ann, ben, ann])).toBe(both);
    expect(policy.join([])).toBeUndefined();
    expect(policy.next(ann, ben, 0)).toBe(both);
    expect(policy.next(both, undefined, 0)).toBe(both);
  });

  it('is the union over all datacenters, as a number', () => {
    const view = policy.view({
      'dc1.0': { version: 1, state: ann },
      'dc2.0': { version: 1, state: both },
    });
    expect(policy.answer?.(view)).toEqual({ unique: 2 });
    expect(policy.answer?.(policy.view({}))).toEqual({ unique: 0 });
  });
});
