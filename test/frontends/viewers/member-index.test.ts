import { MemberIndex } from '../../../frontends/viewers/member-index';
import { ANN, frontend } from '../parts';

const BEN = { ...ANN, id: 'ben' };

describe('the index of streams by member', () => {
  it('has all open streams of a member, and none that has ended', () => {
    const { open, sessions, sockets } = frontend();
    const [first, second] = [open(['video:1']), open(['video:1'])];
    const other = open(['video:1'], '', undefined, BEN);
    expect(new Set(sessions.sessionsOf('ann'))).toEqual(new Set([first, second]));
    expect(sessions.sessionsOf('ben')).toEqual([other]);
    sockets.leave(first.viewer);
    expect(sessions.sessionsOf('ann')).toEqual([second]);
    sockets.leave(second.viewer);
    expect([sessions.sessionsOf('ann'), sessions.sessionsOf('ben')]).toEqual([[], [other]]);
  });

  it('keeps a set only for members of several streams', () => {
    const { open } = frontend();
    const index = new MemberIndex();
    const [one, two, three] = [open(['video:1']), open(['video:1']), open(['video:1'])];
    for (const session of [one, two, three, two]) index.add(session);
    index.delete(two);
    expect(index.of('ann')).toEqual([one, three]);
    index.delete(one);
    index.delete(three);
    index.delete(three);
    expect(index.of('ann')).toEqual([]);
  });
});
