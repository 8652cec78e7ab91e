import { finish, frontend, midway, summary, VIDEO } from '../parts';

describe('a flush', () => {
  it('sends all who are in step the same bytes, once', () => {
    const { become, open, sockets } = frontend();
    const sessions = [open([VIDEO]), open([VIDEO]), open([VIDEO])];
    become(VIDEO, 1);
    const calls = sockets.calls;
    become(VIDEO, 4);
    expect(sockets.calls).toBe(calls + 1);
    for (const { viewer } of sessions) {
      expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([
        ['snapshot', 1, undefined],
        ['likes', 4, 3],
      ]);
    }
  });

  it('gets on in any turn, however short', () => {
    const { become, begin, channels, clock, open, sockets } = frontend();
    const sessions = Array.from({ length: 100 }, () => open([VIDEO]));
    become(VIDEO, 1);
    channels.apply(VIDEO, { 'dc1.1': { version: 40, counts: { like: 4 } } }, clock.now());
    const flush = begin(VIDEO);
    let turns = 1;
    while (!flush(0) && turns < 2 * sessions.length) turns += 1;
    expect(turns).toBeGreaterThan(1);
    expect(turns).toBeLessThan(2 * sessions.length);
    for (const { viewer } of sessions) {
      expect(sockets.eventsOf(viewer).at(-1)?.data).toMatchObject({ total: 4, new: 3 });
    }
  });

  it('has the id of the new place in each event that moves state', () => {
    const { become, open, sockets } = frontend();
    const { viewer } = open([VIDEO]);
    become(VIDEO, 1);
    become(VIDEO, 4);
    expect(sockets.eventsOf(viewer).map(({ id }) => id)).toEqual([
      undefined,
      `${VIDEO}/1/dc1.1@10`,
      `${VIDEO}/4/dc1.1@40`,
    ]);
  });

  it('tells when the oldest like of it was accepted', () => {
    const { begin, channels, clock, open, sockets } = frontend();
    const { viewer } = open([VIDEO]);
    const at = clock.now();
    channels.apply(VIDEO, {}, at);
    finish(begin(VIDEO));
    channels.apply(VIDEO, { 'dc1.1': { version: 0, counts: { like: 1 } } }, at + 7);
    channels.apply(VIDEO, { 'dc1.1': { version: 1, counts: { like: 2 } } }, at + 3);
    finish(begin(VIDEO));
    expect(sockets.eventsOf(viewer).at(-1)?.data).toMatchObject({ new: 2, t: at + 3 });
  });

  it('sums the datacenters', () => {
    const { become, open, sockets } = frontend();
    const { viewer } = open([VIDEO]);
    become(VIDEO, 3, 'dc1.1');
    become(VIDEO, 4, 'dc2.1');
    expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([
      ['snapshot', 3, undefined],
      ['likes', 7, 4],
    ]);
  });
});

describe('a flush in slices', () => {
  it('sends everybody the change once', () => {
    const { flush, sessions, sockets } = midway();
    finish(flush);
    for (const { viewer } of sessions) {
      expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([
        ['snapshot', 1, undefined],
        ['likes', 5, 4],
      ]);
    }
  });

  it('shows who joins in the middle the new state once', () => {
    const { flush, open, sockets } = midway();
    const { viewer } = open([VIDEO]);
    finish(flush);
    expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([['snapshot', 5, undefined]]);
  });

  it('brings who comes back in the middle on by what it missed, once', () => {
    const { flush, open, sockets } = midway();
    const { viewer } = open([VIDEO], `${VIDEO}/1/dc1.1@10`);
    finish(flush);
    expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([['likes', 5, 4]]);
  });

  it('misses nobody when viewers leave in the middle', () => {
    const { done, flush, sessions, sockets, waiting } = midway();
    const leaving = [...done.slice(0, 200), ...waiting.slice(0, 200), ...waiting.slice(-50)];
    for (const { viewer } of leaving) sockets.leave(viewer);
    finish(flush);
    for (const session of sessions) {
      if (leaving.includes(session)) continue;
      expect(summary(sockets.eventsOf(session.viewer).slice(2))).toEqual([['likes', 5, 4]]);
    }
  });

  it('ends when everybody leaves in the middle', () => {
    const { flush, sessions, sockets } = midway();
    for (const { viewer } of sessions) sockets.leave(viewer);
    finish(flush);
  });
});
