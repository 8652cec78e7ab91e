import { UNACKNOWLEDGED_MS } from '../../../adapters/sockets/direct/handover';
import { WAIT_MS } from '../../../frontends/channels/fan-out';
import { Heartbeats, SLOW_VIEWER_MS } from '../../../frontends/viewers/heartbeats';
import { frontend } from '../parts';

const VIDEO = 'video:42';

function kept() {
  const parts = frontend();
  const upkeep = new Heartbeats(parts);
  upkeep.start();
  return { ...parts, upkeep };
}

function heartbeats(text: string | undefined): number {
  return (text ?? '').split('\n\n').filter((block) => block === ':').length;
}

describe('heartbeats', () => {
  it('keep every stream from being silent for 15 s', async () => {
    const { become, clock, open, sockets, upkeep } = kept();
    const viewers = Array.from({ length: 100 }, () => open([VIDEO]).viewer);
    become(VIDEO, 1);
    for (let rounds = 0; rounds < 4; rounds++) {
      for (const viewer of viewers) sockets.sent.set(viewer, '');
      await clock.advance(15_000);
      for (const viewer of viewers) {
        expect(heartbeats(sockets.sent.get(viewer))).toBeGreaterThanOrEqual(1);
      }
    }
    upkeep.close();
  });

  it('are spread over their period', async () => {
    const { become, clock, open, sockets, upkeep } = kept();
    const viewers = Array.from({ length: 100 }, () => open([VIDEO]).viewer);
    become(VIDEO, 1);
    for (const viewer of viewers) sockets.sent.set(viewer, '');
    await clock.advance(1_000);
    const beaten = viewers.filter((viewer) => heartbeats(sockets.sent.get(viewer)) > 0);
    expect(beaten.length).toBeGreaterThan(2);
    expect(beaten.length).toBeLessThan(30);
    upkeep.close();
  });

  it('are not sent to who is full', async () => {
    const { become, clock, open, sockets, upkeep } = kept();
    const { viewer } = open([VIDEO]);
    become(VIDEO, 1);
    sockets.full.add(viewer);
    become(VIDEO, 2);
    const before = sockets.sent.get(viewer);
    await clock.advance(SLOW_VIEWER_MS - 1_000);
    expect(sockets.sent.get(viewer)).toBe(before);
    upkeep.close();
  });
});

describe('a viewer that is stuck', () => {
  it('is let go after a while, with its way back', async () => {
    const { become, clock, open, sessions, sockets, upkeep } = kept();
    const [stuck, fine] = [open([VIDEO]), open([VIDEO])];
    become(VIDEO, 1);
    sockets.full.add(stuck.viewer);
    become(VIDEO, 2);
    await clock.advance(SLOW_VIEWER_MS);
    expect(sessions.size).toBe(2);
    await clock.advance(1_500);
    expect([...sockets.closed]).toEqual([stuck.viewer]);
    expect(sessions.find(fine.id)).toBe(fine);
    upkeep.close();
  });

  it('is let go long before the kernel does so in silence', () => {
    expect(SLOW_VIEWER_MS).toBeLessThanOrEqual(UNACKNOWLEDGED_MS / 2);
  });

  it('is kept when it drains in time', async () => {
    const { become, clock, open, sessions, sockets, upkeep } = kept();
    const { viewer } = open([VIDEO]);
    become(VIDEO, 1);
    sockets.full.add(viewer);
    become(VIDEO, 2);
    await clock.advance(SLOW_VIEWER_MS - 1_000);
    sockets.drain(viewer);
    await clock.advance(SLOW_VIEWER_MS - 1_000);
    expect(sessions.size).toBe(1);
    upkeep.close();
  });
});

describe('a viewer that waits', () => {
  it('ahead of its channel is sent a snapshot when its time is over', async () => {
    const { become, clock, open, sockets, upkeep } = kept();
    open([VIDEO]);
    become(VIDEO, 3);
    const { viewer } = open([VIDEO], `${VIDEO}/5/dc1.1@50`);
    await clock.advance(WAIT_MS - 500);
    expect(sockets.eventsOf(viewer).map(({ event }) => event)).toEqual(['ready']);
    await clock.advance(1_000);
    expect(sockets.eventsOf(viewer).map(({ event }) => event)).toEqual(['ready', 'snapshot']);
    upkeep.close();
  });

  it('for a state that does not come is let go, with a passing kind of trouble, once', async () => {
    const { clock, open, sessions, sockets, upkeep } = kept();
    const { viewer } = open([VIDEO, 'video:43']);
    await clock.advance(WAIT_MS + 1_000);
    const events = sockets.eventsOf(viewer).map(({ event }) => event);
    expect(events).toEqual(['ready', 'bye']);
    expect(sessions.size).toBe(0);
    upkeep.close();
  });
});

describe('Upkeep', () => {
  it('does nothing after it was closed', async () => {
    const { clock, open, sockets, upkeep } = kept();
    open([VIDEO]);
    upkeep.close();
    const calls = sockets.calls;
    await clock.advance(60_000);
    expect(sockets.calls).toBe(calls);
  });
});
