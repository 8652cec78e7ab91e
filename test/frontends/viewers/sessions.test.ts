import { MAX_CHANNELS_PER_STREAM } from '../../../frontends/viewers/sessions';
import { channelKey, decodePlaces } from '../../../schemas/place';
import { frontend } from '../parts';

const [ONE, OTHER, THIRD] = ['video:1', 'video:2', 'video:3'];

describe('a stream that opens', () => {
  it('begins with `ready`: its id, its channels and when to reconnect', () => {
    const { open, sockets } = frontend();
    const session = open([ONE, OTHER]);
    expect(sockets.sent.get(session.viewer)).toMatch(/^retry: \d+\nevent: ready\n/);
    const [ready] = sockets.eventsOf(session.viewer);
    expect(ready?.data).toEqual({ connectionId: session.id, channels: [ONE, OTHER] });
  });

  it('has an unguessable id that begins with the id of the worker', () => {
    const { open } = frontend();
    const ids = [open([ONE]).id, open([ONE]).id];
    for (const id of ids) expect(id).toMatch(/^w1\.[0-9a-f]{32}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('has a reconnect time that differs from viewer to viewer', () => {
    const { open, sockets } = frontend();
    const retries = Array.from({ length: 20 }, () => {
      const [, ms] = /^retry: (\d+)\n/.exec(sockets.sent.get(open([ONE]).viewer) ?? '') ?? [];
      return Number(ms);
    });
    expect(new Set(retries).size).toBeGreaterThan(15);
    for (const ms of retries) expect(ms).toBeGreaterThanOrEqual(1_000);
  });

  it('makes the worker watch its channels', () => {
    const { open, watched } = frontend();
    open([ONE, OTHER]);
    expect([...watched]).toEqual([
      [ONE, true],
      [OTHER, true],
    ]);
  });
});

describe('a stream of several channels', () => {
  it('has event ids with its place in each of them', () => {
    const { become, open, sockets } = frontend();
    const { viewer } = open([ONE, OTHER]);
    become(ONE, 3);
    become(OTHER, 5);
    become(ONE, 4);
    const places = decodePlaces(sockets.eventsOf(viewer).at(-1)?.id ?? '');
    expect(places?.get(channelKey(ONE))?.get('likes')?.total).toBe(4);
    expect(places?.get(channelKey(OTHER))?.get('likes')?.total).toBe(5);
  });

  it('continues in each of them after a reconnect, with one event a channel', () => {
    const { become, open, sockets } = frontend();
    const { viewer } = open([ONE, OTHER]);
    become(ONE, 3);
    become(OTHER, 5);
    const id = sockets.eventsOf(viewer).at(-1)?.id;
    become(ONE, 10);
    become(ONE, 11);
    const back = open([ONE, OTHER], id);
    const events = sockets.eventsOf(back.viewer).slice(1);
    expect(events.map(({ event, data }) => [event, data.channel, data.new])).toEqual([
      ['likes', ONE, 8],
    ]);
  });

  it('keeps the place of a channel that is joined again later', () => {
    const { become, open, sessions, sockets } = frontend();
    const { viewer } = open([ONE, OTHER]);
    become(ONE, 3);
    become(OTHER, 5);
    const id = sockets.eventsOf(viewer).at(-1)?.id;
    const back = open([ONE], id);
    become(ONE, 4);
    const between = sockets.eventsOf(back.viewer).at(-1)?.id;
    expect(
      decodePlaces(between ?? '')
        ?.get(channelKey(OTHER))
        ?.get('likes')?.total,
    ).toBe(5);
    become(OTHER, 9);
    sessions.join(back, OTHER);
    const [, ...events] = sockets.eventsOf(back.viewer);
    expect(events.map(({ event, data }) => [event, data.channel, data.new])).toEqual([
      ['likes', ONE, 1],
      ['likes', OTHER, 4],
    ]);
  });
});

describe('joining and leaving on an open stream', () => {
  it('sends the state of a joined channel, and nothing of a channel that was left', () => {
    const { become, open, sessions, sockets } = frontend();
    const session = open([ONE]);
    open([OTHER]);
    become(ONE, 1);
    become(OTHER, 7);
    sessions.join(session, OTHER);
    sessions.leave(session, ONE);
    become(ONE, 2);
    become(OTHER, 8);
    const [, ...events] = sockets.eventsOf(session.viewer);
    expect(events.map(({ event, data }) => [event, data.channel, data.total])).toEqual([
      ['snapshot', ONE, 1],
      ['snapshot', OTHER, 7],
      ['likes', OTHER, 8],
    ]);
    expect(events.at(-1)?.id).toBe('video:2/likes=8:dc1.1@80');
  });

  it('has no effect for a channel that is joined or left already', () => {
    const { become, open, sessions, sockets } = frontend();
    const session = open([ONE]);
    become(ONE, 1);
    sessions.join(session, ONE);
    sessions.leave(session, OTHER);
    expect(sockets.eventsOf(session.viewer)).toHaveLength(2);
    expect(session.rows).toHaveLength(1);
  });

  it('is refused beyond the most that a stream carries', () => {
    const { open, sessions } = frontend();
    const names = Array.from({ length: MAX_CHANNELS_PER_STREAM }, (_, at) => `video:${at}`);
    const session = open(names);
    expect(() => sessions.join(session, 'video:more')).toThrow(
      expect.objectContaining({ code: 'too_many_channels' }),
    );
    sessions.leave(session, 'video:0');
    sessions.join(session, 'video:more');
    expect(session.rows).toHaveLength(MAX_CHANNELS_PER_STREAM);
  });

  it('keeps a channel watched until its last viewer has left', () => {
    const { open, sessions, sockets, watched } = frontend();
    const [session, another] = [open([ONE, THIRD]), open([ONE])];
    sessions.leave(session, ONE);
    expect(watched.get(ONE)).toBe(true);
    sockets.leave(another.viewer);
    expect(watched.get(ONE)).toBe(false);
    expect(watched.get(THIRD)).toBe(true);
  });
});

describe('a stream that ends', () => {
  it('is not found any more, and has no rows in channels', () => {
    const { channels, open, sessions, sockets } = frontend();
    const session = open([ONE, OTHER]);
    expect(sessions.find(session.id)).toBe(session);
    sockets.leave(session.viewer);
    sockets.leave(session.viewer);
    expect(sessions.find(session.id)).toBeUndefined();
    expect([sessions.size, channels.get(ONE)?.size, channels.get(OTHER)?.size]).toEqual([0, 0, 0]);
  });

  it('can neither join nor leave channels, and other viewers keep their rows', () => {
    const { become, open, sessions, sockets } = frontend();
    const [ended, other] = [open([ONE]), open([ONE])];
    become(ONE, 1);
    sockets.leave(ended.viewer);
    sessions.leave(ended, ONE);
    expect(() => sessions.join(ended, OTHER)).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
    become(ONE, 2);
    expect(sockets.eventsOf(other.viewer).at(-1)?.data).toMatchObject({ total: 2, new: 1 });
  });

  it('on purpose is sent `bye` with the reason and when to reconnect', () => {
    const { open, sessions, sockets } = frontend();
    const session = open([ONE]);
    sessions.end(session, 'slow');
    const text = sockets.sent.get(session.viewer) ?? '';
    const [, retryMs] = /retry: (\d+)\nevent: bye\n/.exec(text) ?? [];
    const bye = sockets.eventsOf(session.viewer).at(-1);
    expect(bye?.data).toEqual({ reason: 'slow', retryMs: Number(retryMs) });
    expect([...sockets.closed]).toEqual([session.viewer]);
    expect(sessions.size).toBe(0);
  });

  it('while its rows wait removes them from the waiting ones', () => {
    const { fanOut, open, sockets } = frontend();
    const { viewer } = open([ONE, OTHER]);
    expect(fanOut.waiting.size).toBe(2);
    sockets.leave(viewer);
    expect(fanOut.waiting.size).toBe(0);
  });
});
