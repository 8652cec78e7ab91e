import { REQUEST_GAP_MS, WAIT_MS } from '../../../frontends/channels/fan-out';
import { counting, finish, frontend, summary, VIDEO } from '../parts';

describe('a viewer that reconnects', () => {
  it('behind its channel is sent what it missed in one event, without a snapshot', () => {
    const { become, open, sockets } = frontend();
    open([VIDEO]);
    for (const likes of [1, 2, 3, 9]) become(VIDEO, likes);
    const { viewer } = open([VIDEO], `${VIDEO}/likes=2:dc1.1@20`);
    const [, ...events] = sockets.eventsOf(viewer);
    expect(summary(events)).toEqual([['likes', 9, 7]]);
    expect(events[0]?.id).toBe(`${VIDEO}/likes=9:dc1.1@90`);
  });

  it('at the place of its channel is sent nothing until the next change', () => {
    const { become, open, sockets } = frontend();
    open([VIDEO]);
    become(VIDEO, 3);
    const { viewer } = open([VIDEO], `${VIDEO}/likes=3:dc1.1@30`);
    expect(sockets.eventsOf(viewer)).toHaveLength(1);
    become(VIDEO, 4);
    expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([['likes', 4, 1]]);
  });

  it('to a channel without a state waits for the state', () => {
    const { become, open, sockets } = frontend();
    const [fresh, back] = [open([VIDEO]), open([VIDEO], `${VIDEO}/likes=2:dc1.1@20`)];
    for (const { viewer } of [fresh, back]) expect(sockets.eventsOf(viewer)).toHaveLength(1);
    become(VIDEO, 3);
    expect(summary(sockets.eventsOf(fresh.viewer).slice(1))).toEqual([['snapshot', 3, undefined]]);
    expect(summary(sockets.eventsOf(back.viewer).slice(1))).toEqual([['likes', 3, 1]]);
  });

  it.each(['rubbish', `${VIDEO}/likes=9:dc1.1@30`, '~AQ', `video:43/likes=3:dc1.1@30`])(
    'with an unusable id is sent a snapshot: %s',
    (id) => {
      const { become, open, sockets } = frontend();
      open([VIDEO]);
      become(VIDEO, 3);
      const { viewer } = open([VIDEO], id);
      expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([['snapshot', 3, undefined]]);
    },
  );

  it('with a newer version but no newer count continues without a snapshot', () => {
    const { become, apply, open, sockets } = frontend();
    open([VIDEO]);
    become(VIDEO, 3);
    apply(VIDEO, { 'dc1.1': counting(35, { like: 3 }) }, 0);
    const { viewer } = open([VIDEO], `${VIDEO}/likes=3:dc1.1@35`);
    become(VIDEO, 4);
    expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([['likes', 4, 1]]);
  });
});

describe('a viewer that reconnects ahead of the worker', () => {
  it('waits until the channel has reached its place', () => {
    const { become, fanOut, open, sockets } = frontend();
    open([VIDEO]);
    become(VIDEO, 3);
    const { viewer } = open([VIDEO], `${VIDEO}/likes=5:dc1.1@50`);
    become(VIDEO, 4);
    expect(sockets.eventsOf(viewer)).toHaveLength(1);
    expect(fanOut.waiting.size).toBe(1);
    become(VIDEO, 8);
    expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([['likes', 8, 3]]);
    expect(fanOut.waiting.size).toBe(0);
  });

  it('makes the worker request the newest state, at most once in `REQUEST_GAP_MS`', async () => {
    const { requested, become, clock, open } = frontend();
    open([VIDEO]);
    become(VIDEO, 3);
    expect(requested).toEqual([]);
    for (let viewers = 0; viewers < 5; viewers++) open([VIDEO], `${VIDEO}/likes=5:dc1.1@50`);
    expect(requested).toEqual([VIDEO]);
    await clock.advance(REQUEST_GAP_MS);
    open([VIDEO], `${VIDEO}/likes=5:dc1.1@50`);
    expect(requested).toEqual([VIDEO, VIDEO]);
  });

  it('is sent a snapshot if the channel does not reach its place in time', async () => {
    const { become, clock, fanOut, open, sockets } = frontend();
    open([VIDEO]);
    become(VIDEO, 3);
    const { viewer } = open([VIDEO], `${VIDEO}/likes=5:dc1.1@50`);
    await clock.advance(WAIT_MS - 1);
    for (const row of fanOut.waiting) fanOut.sendLatest(row);
    expect(sockets.eventsOf(viewer)).toHaveLength(1);
    await clock.advance(1);
    for (const row of fanOut.waiting) fanOut.sendLatest(row);
    expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([['snapshot', 3, undefined]]);
    become(VIDEO, 4);
    expect(summary(sockets.eventsOf(viewer).slice(2))).toEqual([['likes', 4, 1]]);
  });
});

describe('a slow viewer', () => {
  it('is sent all that it missed in one event after it has drained', () => {
    const { become, open, sockets } = frontend();
    const [slow, quick] = [open([VIDEO]), open([VIDEO])];
    become(VIDEO, 1);
    sockets.full.add(slow.viewer);
    for (const likes of [2, 3, 4, 5]) become(VIDEO, likes);
    expect(sockets.eventsOf(slow.viewer)).toHaveLength(2);
    expect(sockets.eventsOf(quick.viewer)).toHaveLength(6);
    sockets.drain(slow.viewer);
    expect(summary(sockets.eventsOf(slow.viewer).slice(2))).toEqual([['likes', 5, 4]]);
    become(VIDEO, 6);
    expect(summary(sockets.eventsOf(slow.viewer).slice(3))).toEqual([['likes', 6, 1]]);
  });

  it('is sent the time of the oldest like that it missed', () => {
    const { apply, begin, open, sockets } = frontend();
    const { viewer } = open([VIDEO]);
    const times = [100, 200, 300];
    apply(VIDEO, {}, 1);
    finish(begin(VIDEO));
    sockets.full.add(viewer);
    for (const [at, t] of times.entries()) {
      apply(VIDEO, { 'dc1.1': counting(at, { like: at + 1 }) }, t);
      finish(begin(VIDEO));
    }
    sockets.drain(viewer);
    expect(sockets.eventsOf(viewer).at(-1)?.data).toMatchObject({ new: 3, t: 100 });
  });

  it('is sent nothing while it is full', () => {
    const { become, open, sockets } = frontend();
    const { viewer } = open([VIDEO]);
    become(VIDEO, 1);
    sockets.full.add(viewer);
    become(VIDEO, 2);
    const calls = sockets.calls;
    for (const likes of [3, 4, 5]) become(VIDEO, likes);
    expect(sockets.calls).toBe(calls);
  });

  it('that was full before its snapshot is sent one after it has drained', () => {
    const { become, open, sockets } = frontend();
    const { viewer } = open([VIDEO]);
    sockets.full.add(viewer);
    become(VIDEO, 1);
    become(VIDEO, 2);
    sockets.drain(viewer);
    expect(summary(sockets.eventsOf(viewer).slice(1))).toEqual([['snapshot', 2, undefined]]);
  });

  it('that is full again at once is sent the rest after it has drained again', () => {
    const { become, open, sockets } = frontend();
    const { viewer } = open([VIDEO, 'video:43']);
    become(VIDEO, 1);
    become('video:43', 1);
    sockets.full.add(viewer);
    become(VIDEO, 5);
    become('video:43', 6);
    const { send } = sockets;
    sockets.send = (viewers, frame) => {
      const full = send.call(sockets, viewers, frame);
      sockets.full.add(viewer);
      return full;
    };
    sockets.drain(viewer);
    expect(sockets.eventsOf(viewer)).toHaveLength(4);
    sockets.drain(viewer);
    const totals = sockets.eventsOf(viewer).slice(3);
    expect(totals.map(({ data }) => [data.channel, data.total, data.new])).toEqual([
      [VIDEO, 5, 4],
      ['video:43', 6, 5],
    ]);
  });
});
