import { DEFAULT_REACTIONS, likes, likesOf, reaction } from '../../schemas/likes';

describe('the request of a like', () => {
  it('has one of the configured reactions', () => {
    for (const name of DEFAULT_REACTIONS) {
      expect(likes.request?.safeParse({ reaction: name }).data).toEqual({ reaction: name });
    }
    expect(likes.request?.safeParse({ reaction: 'unknown' }).success).toBe(false);
  });

  it('has the reaction `like` if it names none, or else the first one', () => {
    expect(likes.request?.parse({})).toEqual({ reaction: 'like' });
    expect(likesOf(['up', 'like']).request?.parse({})).toEqual({ reaction: 'like' });
    expect(likesOf(['up', 'down']).request?.parse({})).toEqual({ reaction: 'up' });
  });
});

describe('a like in the log', () => {
  it('may have a reaction that is no longer configured', () => {
    expect(likesOf(['up']).body.safeParse({ reaction: 'down' }).success).toBe(true);
  });

  it.each(['constructor', '__proto__', 'LIKE', '', 'a b'])(
    'cannot have the reaction %j',
    (name) => {
      expect(reaction.safeParse(name).success).toBe(false);
      expect(likes.body.safeParse({ reaction: name }).success).toBe(false);
    },
  );
});

it('counts by reaction', () => {
  const { policy } = likes;
  const entry = { id: 'a', memberId: 'ann', at: 1, body: { reaction: 'love' } };
  const state = policy.fold(policy.fold(policy.empty, entry, 0), entry, 1);
  expect(state).toEqual({ love: 2 });
  expect(policy.unfold(state, 'a', policy.undoKey(entry.body))).toEqual({ love: 1 });
});
