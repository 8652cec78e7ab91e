import { EventTypes } from '../../../schemas/event-types';
import { counting, finish, frontend, midway, summary, VIDEO } from '../parts';
import { largeEntries } from '../policies';

describe('a flush', () => {
  it('sends all viewers of a cohort the same bytes, once', () => {
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

  it('sends one frame to viewers that opened before and after a version without a count', () => {
    const { become, apply, open, sockets } = frontend();
    const early = open([VIDEO]);
    become(VIDEO, 1);
    apply(VIDEO, { 'dc1.1': counting(15, { like: 1 }) }, 0);
    const late = open([VIDEO]);
    const calls = sockets.calls;
    become(VIDEO, 4);
    expect(sockets.calls).toBe(calls + 1);
    expect(sockets.eventsOf(late.viewer).at(1)?.id).toBe(`${VIDEO}/likes=1:dc1.1@15`);
    for (const { viewer } of [early, late]) {
      expect(sockets.eventsOf(viewer).at(-1)?.id).toBe(`${VIDEO}/likes=4:dc1.1@40`);
    }
  });

  it('sends to at least one viewer in any slice, however short', () => {
    const { become, begin, apply, clock, open, sockets } = frontend();
    const sessions = Array.from({ length: 100 }, () => open([VIDEO]));
    become(VIDEO, 1);
    apply(VIDEO, { 'dc1.1': counting(40, { like: 4 }) }, clock.now());
    const flush = begin(VIDEO);
    let turns = 1;
    while (!flush(0) && turns < 2 * sessions.length) turns += 1;
    expect(turns).toBeGreaterThan(1);
    expect(turns).toBeLessThan(2 * sessions.length);
    for (const { viewer } of sessions) {
      expect(sockets.eventsOf(viewer).at(-1)?.data).toMatchObject({ total: 4, new: 3 });
    }
  });

  it('has the id of the new place in each event with a state', () => {
    const { become, open, sockets } = frontend();
    const { viewer } = open([VIDEO]);
    become(VIDEO, 1);
    become(VIDEO, 4);
    expect(sockets.eventsOf(viewer).map(({ id }) => id)).toEqual([
      undefined,
      `${VIDEO}/likes=1:dc1.1@10`,
      `${VIDEO}/likes=4:dc1.1@40`,
    ]);
  });

  it('sends the time at which its oldest like was accepted', () => {
    const { begin, apply, clock, open, sockets } = frontend();
    const { viewer } = open([VIDEO]);
    const at = clock.now();
    apply(VIDEO, {}, at);
    finish(begin(VIDEO));
    apply(VIDEO, { 'dc1.1': counting(0, { like: 1 }) }, at + 7);
    apply(VIDEO, { 'dc1.1': counting(1, { like: 2 }) }, at + 3);
    finish(begin(VIDEO));
    expect(sockets.eventsOf(viewer).at(-1)?.data).toMatchObject({ new: 2, t: at + 3 });
  });

  it('sends the sum over datacenters', () => {
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
  it('sends each viewer the change once', () => {
    const { flush, sessions, sockets } = midway();
    finish(flush);
    for (const { viewer } of sessions) {
      expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([
        ['snapshot', 1, undefined],
        ['likes', 5, 4],
      ]);
    }
  });

  it('sends a viewer that joins in the middle one snapshot of the new state', () => {
    const { flush, open, sockets } = midway();
    const { viewer } = open([VIDEO]);
    finish(flush);
    expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([['snapshot', 5, undefined]]);
  });

  it('sends a viewer that reconnects in the middle what it missed, once', () => {
    const { flush, open, sockets } = midway();
    const { viewer } = open([VIDEO], `${VIDEO}/likes=1:dc1.1@10`);
    finish(flush);
    expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([['likes', 5, 4]]);
  });

  it('skips no viewer when others leave in the middle', () => {
    const { done, flush, sessions, sockets, waiting } = midway();
    const leaving = [...done.slice(0, 200), ...waiting.slice(0, 200), ...waiting.slice(-50)];
    for (const { viewer } of leaving) sockets.leave(viewer);
    finish(flush);
    for (const session of sessions) {
      if (leaving.includes(session)) continue;
      expect(summary(sockets.eventsOf(session.viewer).slice(2))).toEqual([['likes', 5, 4]]);
    }
  });

  it('ends when all viewers leave in the middle', () => {
    const { flush, sessions, sockets } = midway();
    for (const { viewer } of sessions) sockets.leave(viewer);
    finish(flush);
  });
});

describe('a flush of several frames', () => {
  it.each([0, 1, 2])('sends no frame twice if viewer %i is full', (full) => {
    const { apply, begin, deliver, open, sockets } = frontend(new EventTypes([largeEntries]));
    const viewers = [1, 2, 3].map(() => open([VIDEO]).viewer);
    apply(VIDEO, { 'dc1.1': { version: 0, state: [] } }, 0, 'entries');
    finish(begin(VIDEO));
    sockets.full.add(viewers[full] ?? 0);
    deliver(VIDEO, { 'dc1.1': { version: 4, state: [1, 2, 3, 4] } }, 0, 'entries');
    const flush = begin(VIDEO);
    for (let turns = 0; !flush(0); turns++) if (turns > 100) throw new Error('never done');
    sockets.drain(viewers[full] ?? 0);
    for (const viewer of viewers) {
      const sent = sockets.eventsOf(viewer).slice(2);
      const entries = [1, 2, 3, 4].map((offset) => `dc1.1@${offset}`);
      expect(sent.map(({ data }) => data.entry)).toEqual(entries);
    }
  });
});
