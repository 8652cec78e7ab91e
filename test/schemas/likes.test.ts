import { DEFAULT_REACTION, DEFAULT_REACTIONS, likeRecord, reaction } from '../../schemas/likes';
import { aLike } from '../fixtures/records';

describe('the record of a like', () => {
  it.each([
    ['an id with a slash', { likeId: 'a/b' }],
    ['no member', { memberId: undefined }],
    ['a reaction in capitals', { reaction: 'LIKE' }],
    ['a time before the epoch', { at: -1 }],
    ['a sequence number that is no integer', { seq: 1.5 }],
    ['no `stored`', { stored: undefined }],
  ])('is refused with %s', (_, change) => {
    expect(likeRecord.safeParse(aLike()).success).toBe(true);
    expect(likeRecord.safeParse({ ...aLike(), ...change }).success).toBe(false);
  });
});

describe('the reactions', () => {
  it('include the default, and all may be configured', () => {
    expect(DEFAULT_REACTIONS).toContain(DEFAULT_REACTION);
    for (const name of DEFAULT_REACTIONS) expect(reaction.safeParse(name).success).toBe(true);
  });

  it.each(['constructor', '__proto__'])(
    'cannot have the name of a property of every object: %s',
    (name) => {
      expect(reaction.safeParse(name).success).toBe(false);
      expect(likeRecord.safeParse(aLike({ reaction: name })).success).toBe(false);
    },
  );
});
