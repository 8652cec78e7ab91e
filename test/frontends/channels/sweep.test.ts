import { MAX_STATES_A_SWEEP } from '../../../frontends/channels/sweep';
import { counted, counting, finish, frontend, midway, summary, VIDEO } from '../parts';

describe('a sweep', () => {
  it('sends a newer state to viewers not reached yet, and to the others in the next sweep', () => {
    const { become, apply, done, flush, sessions, sockets } = midway();
    apply(VIDEO, { 'dc1.1': counting(70, { like: 7 }) }, 0);
    finish(flush);
    become(VIDEO, 9);
    for (const session of sessions) {
      const between = done.includes(session) ? 5 : 7;
      expect(summary(sockets.eventsOf(session.viewer).slice(2))).toEqual([
        ['likes', between, between - 1],
        ['likes', 9, 9 - between],
      ]);
    }
  });

  it('sends each viewer the time of the oldest like that it was not sent', () => {
    const { apply, begin, clock, done, flush, sessions, sockets } = midway();
    const at = clock.now();
    apply(VIDEO, { 'dc1.1': counting(70, { like: 7 }) }, at + 20);
    finish(flush);
    apply(VIDEO, { 'dc1.1': counting(90, { like: 9 }) }, at + 40);
    finish(begin(VIDEO));
    for (const session of sessions) {
      const times = sockets.eventsOf(session.viewer).map(({ data }) => data.t);
      expect(times.slice(2)).toEqual(done.includes(session) ? [0, at + 20] : [0, at + 40]);
    }
  });

  it('sends a newer state to the viewers reached early, even if nothing more has come', () => {
    const { begin, apply, done, flush, sessions, sockets } = midway();
    apply(VIDEO, { 'dc1.1': counting(70, { like: 7 }) }, 0);
    finish(flush);
    finish(begin(VIDEO));
    for (const session of sessions) {
      const events = summary(sockets.eventsOf(session.viewer).slice(2));
      const twice = [
        ['likes', 5, 4],
        ['likes', 7, 2],
      ];
      expect(events).toEqual(done.includes(session) ? twice : [['likes', 7, 6]]);
    }
  });

  it('sends a bounded number of states', () => {
    const { begin, apply, flush, sockets, sessions } = midway();
    let total = 5;
    const like = () => {
      total += 1;
      const state = counting(total * 10, { like: total });
      apply(VIDEO, { 'dc1.1': state }, 0);
    };
    for (let left = sessions.length; left > 0; left--) {
      like();
      flush(0);
    }
    const seen = new Set(sessions.map(({ viewer }) => sockets.eventsOf(viewer).at(-1)?.data.total));
    expect(seen.size).toBeGreaterThan(MAX_STATES_A_SWEEP / 2);
    expect(seen.size).toBeLessThanOrEqual(MAX_STATES_A_SWEEP + 1);
    finish(begin(VIDEO));
    for (const { viewer } of sessions) {
      expect(sockets.eventsOf(viewer).at(-1)?.data).toMatchObject({ total });
    }
  });
});

describe('a sweep over individual rows', () => {
  it('sends the time of the oldest like of all its states', () => {
    const { become, begin, apply, open, sessions, sockets } = frontend();
    for (const _ of [1, 2]) open([VIDEO]);
    const several = open([VIDEO, 'video:1']);
    become(VIDEO, 1);
    apply(VIDEO, { 'dc1.1': counted(5) }, 10);
    const flush = begin(VIDEO);
    flush(0);
    apply(VIDEO, { 'dc1.1': counted(7) }, 20);
    flush(0);
    sessions.join(several, 'video:2');
    const [last] = sockets.eventsOf(several.viewer).slice(-1);
    expect(last?.data).toMatchObject({ total: 7, new: 6, t: 10 });
  });

  it('skips no row when another viewer joins a cohort meanwhile', () => {
    const { become, begin, apply, open, sockets } = frontend();
    const several = [open([VIDEO, 'video:1']), open([VIDEO, 'video:1'])];
    become(VIDEO, 1);
    apply(VIDEO, { 'dc1.1': counted(5) }, 0);
    const flush = begin(VIDEO);
    flush(0);
    open([VIDEO]);
    finish(flush);
    for (const { viewer } of several) {
      expect(sockets.eventsOf(viewer).at(-1)?.data).toMatchObject({ total: 5, new: 4 });
    }
  });
});
