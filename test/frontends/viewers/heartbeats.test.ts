import { UNACKNOWLEDGED_MS } from '../../../adapters/sockets/direct/handover';
import { HISTORY_WAIT_MS, WAIT_MS } from '../../../frontends/channels/fan-out';
import { Heartbeats, SLOW_VIEWER_MS } from '../../../frontends/viewers/heartbeats';
import { comments } from '../../../schemas/comments';
import { EventTypes } from '../../../schemas/event-types';
import { range } from '../../end-to-end/api';
import { statesOf } from '../../schemas/policies/append-parts';
import { homes } from '../live-policies';
import { finish, frontend } from '../parts';

const VIDEO = 'video:42';

function withHeartbeats(types?: EventTypes) {
  const parts = frontend(types);
  const heartbeats = new Heartbeats(parts);
  heartbeats.start();
  return { ...parts, heartbeats };
}

function countHeartbeats(text: string | undefined): number {
  return (text ?? '').split('\n\n').filter((block) => block.startsWith('event: ping\n')).length;
}

describe('heartbeats', () => {
  it('come on every stream at least every 15 s', async () => {
    const { become, clock, open, sockets, heartbeats } = withHeartbeats();
    const viewers = Array.from({ length: 100 }, () => open([VIDEO]).viewer);
    become(VIDEO, 1);
    for (let rounds = 0; rounds < 4; rounds++) {
      for (const viewer of viewers) sockets.sent.set(viewer, '');
      await clock.advance(15_000);
      for (const viewer of viewers) {
        expect(countHeartbeats(sockets.sent.get(viewer))).toBeGreaterThanOrEqual(1);
      }
    }
    heartbeats.close();
  });

  it('are spread over their period', async () => {
    const { become, clock, open, sockets, heartbeats } = withHeartbeats();
    const viewers = Array.from({ length: 100 }, () => open([VIDEO]).viewer);
    become(VIDEO, 1);
    for (const viewer of viewers) sockets.sent.set(viewer, '');
    await clock.advance(1_000);
    const reached = viewers.filter((viewer) => countHeartbeats(sockets.sent.get(viewer)) > 0);
    expect(reached.length).toBeGreaterThan(2);
    expect(reached.length).toBeLessThan(30);
    heartbeats.close();
  });

  it('are not sent to a full viewer', async () => {
    const { become, clock, open, sockets, heartbeats } = withHeartbeats();
    const { viewer } = open([VIDEO]);
    become(VIDEO, 1);
    sockets.full.add(viewer);
    become(VIDEO, 2);
    const before = sockets.sent.get(viewer);
    await clock.advance(SLOW_VIEWER_MS - 1_000);
    expect(sockets.sent.get(viewer)).toBe(before);
    heartbeats.close();
  });
});

describe('a slow viewer', () => {
  it('is disconnected after `SLOW_VIEWER_MS`', async () => {
    const { become, clock, open, sessions, sockets, heartbeats } = withHeartbeats();
    const [slow, other] = [open([VIDEO]), open([VIDEO])];
    become(VIDEO, 1);
    sockets.full.add(slow.viewer);
    become(VIDEO, 2);
    await clock.advance(SLOW_VIEWER_MS);
    expect(sessions.size).toBe(2);
    await clock.advance(1_500);
    expect([...sockets.closed]).toEqual([slow.viewer]);
    expect(sessions.find(other.id)).toBe(other);
    heartbeats.close();
  });

  it('is disconnected long before the time-out of the kernel', () => {
    expect(SLOW_VIEWER_MS).toBeLessThanOrEqual(UNACKNOWLEDGED_MS / 2);
  });

  it('stays connected if it drains in time', async () => {
    const { become, clock, open, sessions, sockets, heartbeats } = withHeartbeats();
    const { viewer } = open([VIDEO]);
    become(VIDEO, 1);
    sockets.full.add(viewer);
    become(VIDEO, 2);
    await clock.advance(SLOW_VIEWER_MS - 1_000);
    sockets.drain(viewer);
    await clock.advance(SLOW_VIEWER_MS - 1_000);
    expect(sessions.size).toBe(1);
    heartbeats.close();
  });
});

describe('a viewer that waits', () => {
  it('for its channel to reach its place is sent a snapshot after `WAIT_MS`', async () => {
    const { become, clock, open, sockets, heartbeats } = withHeartbeats();
    open([VIDEO]);
    become(VIDEO, 3);
    const { viewer } = open([VIDEO], `${VIDEO}/likes=5:dc1.1@50`);
    await clock.advance(WAIT_MS - 500);
    expect(sockets.eventsOf(viewer).map(({ event }) => event)).toEqual(['ready']);
    await clock.advance(1_000);
    expect(sockets.eventsOf(viewer).map(({ event }) => event)).toEqual(['ready', 'snapshot']);
    heartbeats.close();
  });

  it('for comments to reach its place waits longer, and is sent none of them again', async () => {
    const types = new EventTypes([comments]);
    const { apply, begin, clock, open, sockets, heartbeats } = withHeartbeats(types);
    const states = statesOf(
      range(3).map((offset) => ({ offset, id: `c${offset}`, text: 'a', at: 1 })),
    );
    const become = (version: number): void => {
      const state = states[version];
      if (state) apply(VIDEO, { 'dc1.1': state }, 0, 'comments');
      finish(begin(VIDEO));
    };
    open([VIDEO]);
    become(0);
    const { viewer } = open([VIDEO], `${VIDEO}/comments=0:dc1.1@1`);
    const news = () =>
      sockets.eventsOf(viewer).flatMap(({ data, event }) => data.commentId ?? event);
    await clock.advance(HISTORY_WAIT_MS - 1_000);
    expect(news().filter((each) => each !== 'ping')).toEqual(['ready']);
    become(2);
    expect(news().filter((each) => each !== 'ping')).toEqual(['ready', 'c2']);
    heartbeats.close();
  });

  it('for comments that never reach its place is sent a snapshot in the end', async () => {
    const types = new EventTypes([comments]);
    const { apply, begin, clock, open, requested, sockets, heartbeats } = withHeartbeats(types);
    const [state] = statesOf([{ offset: 0, id: 'c0', text: 'a', at: 1 }]);
    open([VIDEO]);
    if (state) apply(VIDEO, { 'dc1.1': state }, 0, 'comments');
    finish(begin(VIDEO));
    const { viewer } = open([VIDEO], `${VIDEO}/comments=0:dc1.1@9`);
    await clock.advance(WAIT_MS);
    const before = requested.length;
    await clock.advance(HISTORY_WAIT_MS - WAIT_MS);
    expect(requested.length).toBeGreaterThan(before + 10);
    expect(sockets.eventsOf(viewer).at(-1)?.event).toBe('snapshot');
    heartbeats.close();
  });

  it('for a first state that does not come is sent one `bye` after `WAIT_MS`', async () => {
    const { clock, open, sessions, sockets, heartbeats } = withHeartbeats();
    const { viewer } = open([VIDEO, 'video:43']);
    await clock.advance(WAIT_MS + 1_000);
    const events = sockets.eventsOf(viewer).map(({ event }) => event);
    expect(events).toEqual(['ready', 'bye']);
    expect(sessions.size).toBe(0);
    heartbeats.close();
  });

  it('for a leased state keeps its stream, and is sent the state once it comes', async () => {
    const types = new EventTypes([homes]);
    const { apply, begin, clock, fanOut, open, sockets, heartbeats } = withHeartbeats(types);
    const { viewer } = open(['member:ann']);
    await clock.advance(WAIT_MS + 1_000);
    expect(fanOut.waiting.size).toBe(0);
    apply('member:ann', { 'dc1.0': { version: 1, state: { watching: 2 } } }, 0, 'homes');
    finish(begin('member:ann'));
    const events = sockets.eventsOf(viewer).map(({ data, event }) => [event, data.watching]);
    expect(events.slice(1)).toEqual([['snapshot', 2]]);
    heartbeats.close();
  });
});

describe('Heartbeats', () => {
  it('does nothing after it was closed', async () => {
    const { clock, open, sockets, heartbeats } = withHeartbeats();
    open([VIDEO]);
    heartbeats.close();
    const calls = sockets.calls;
    await clock.advance(60_000);
    expect(sockets.calls).toBe(calls);
  });
});
