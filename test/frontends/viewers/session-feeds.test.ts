import { MAX_VIEWS_PER_CHANNEL } from '../../../frontends/channels/channel';
import { REQUEST_GAP_MS, WAIT_MS } from '../../../frontends/channels/fan-out';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import { decodeAllPlaces } from '../../../schemas/place';
import type { Feeds } from '../../../schemas/state';
import { counted, counting, finish, frontend, type StreamEvent, VIDEO } from '../parts';
import { entries, votes } from '../policies';

const OTHER = 'video:43';

/** A worker with three event types; `become` makes the feeds the newest ones and flushes them. */
function worker(types = [likes, votes, entries]) {
  const parts = frontend(new EventTypes(types));
  const { begin, changed, channels, clock, sockets } = parts;
  const become = (feeds: Feeds, name = VIDEO): void => {
    channels.apply(name, feeds, clock.now(), 'complete');
    for (const view of [...changed]) finish(begin(name, view));
  };
  /** The events after `ready`, without those read before. */
  const read = new Map<number, number>();
  const newEvents = (viewer: number): readonly StreamEvent[] => {
    const all = sockets.eventsOf(viewer);
    const from = read.get(viewer) ?? 1;
    read.set(viewer, all.length);
    return all.slice(from);
  };
  return { ...parts, become, newEvents };
}

function likesAt(total: number): Feeds {
  return { likes: { 'dc1.1': counted(total) } };
}

function votesAt(total: number): Feeds {
  return { votes: { 'dc1.1': counting(total, { a: total }) } };
}

const names = (events: readonly StreamEvent[]) => events.map(({ event }) => event);

describe('a stream of some event types', () => {
  it('is sent their fields and news alone, with ids that have no others', () => {
    const { become, newEvents, open } = worker();
    const { viewer } = open([VIDEO], '', ['votes', 'unknown']);
    become({ ...likesAt(3), ...votesAt(1) });
    const [snapshot] = newEvents(viewer);
    const data = { channel: VIDEO, votes: 1, options: { a: 1 }, seen: { votes: 'dc1.1@1' } };
    expect(snapshot).toEqual({ event: 'snapshot', data, id: `${VIDEO}/votes=1:dc1.1@1` });
    become(likesAt(4));
    expect(newEvents(viewer)).toEqual([]);
    become(votesAt(2));
    expect(newEvents(viewer).map(({ id }) => id)).toEqual([`${VIDEO}/votes=2:dc1.1@2`]);
  });

  it('drops the place of other types, and is sent a snapshot of those that the id lacks', () => {
    const { become, newEvents, open } = worker();
    open([VIDEO]);
    become({ ...likesAt(3), ...votesAt(1) });
    const id = `${VIDEO}/likes=2:dc1.1@20;entries=0:`;
    const { viewer } = open([VIDEO], id, ['likes', 'votes']);
    const [snapshot, news] = newEvents(viewer);
    expect(snapshot?.data).toEqual({
      ...{ channel: VIDEO, votes: 1, options: { a: 1 } },
      seen: { votes: 'dc1.1@1' },
    });
    expect(snapshot?.id).toBe(`${VIDEO}/likes=2:dc1.1@20;votes=1:dc1.1@1`);
    expect([news?.event, news?.data.new]).toEqual(['likes', 1]);
    expect(news?.id).toBe(`${VIDEO}/likes=3:dc1.1@30;votes=1:dc1.1@1`);
  });

  it('has them for a channel that is joined later, unless others are given', () => {
    const { become, newEvents, open, sessions } = worker();
    const session = open([VIDEO], '', ['votes']);
    for (const name of [VIDEO, OTHER, 'video:44']) open([name]);
    for (const name of [VIDEO, OTHER, 'video:44']) become({ ...likesAt(3), ...votesAt(1) }, name);
    newEvents(session.viewer);
    sessions.join(session, OTHER);
    sessions.join(session, 'video:44', { events: ['likes', 'entries'] });
    const seen = newEvents(session.viewer).map(({ data }) => [data.channel, data.seen]);
    expect(seen).toEqual([
      [OTHER, { votes: 'dc1.1@1' }],
      ['video:44', { likes: 'dc1.1@30', entries: '' }],
    ]);
  });

  it('is refused if none of them is one of a channel', () => {
    const { open, sessions } = worker();
    const invalid = expect.objectContaining({ code: 'invalid_channel', status: 400 });
    const asked = { channels: [VIDEO], events: ['unknown'] };
    expect(() => sessions.admit(asked)).toThrow(invalid);
    const session = open([VIDEO]);
    expect(() => sessions.join(session, OTHER, asked)).toThrow(invalid);
    expect(session.rows).toHaveLength(1);
  });

  it('is refused for the moment if a channel has too many sets of types', () => {
    const many = Array.from({ length: 4 }, (_, at) => ({ ...votes, name: `votes-${at}` }));
    const { open, sessions, sockets } = worker([likes, ...many]);
    const sets = Array.from({ length: MAX_VIEWS_PER_CHANNEL + 1 }, (_, at) =>
      many.filter((_type, bit) => (at + 1) & (1 << bit)).map(({ name }) => name),
    );
    const [first, ...others] = sets.slice(0, -1).map((events) => open([VIDEO], '', events));
    const full = expect.objectContaining({ code: 'full', retriable: true });
    const asked = { channels: [VIDEO], events: sets.at(-1) };
    expect(() => sessions.admit(asked)).toThrow(full);
    const session = open([OTHER], '', sets.at(-1));
    expect(() => sessions.join(session, VIDEO)).toThrow(full);
    sessions.admit({ channels: [VIDEO], events: sets[1] });
    sockets.leave(first?.viewer ?? 0);
    sessions.admit(asked);
    expect(others).toHaveLength(MAX_VIEWS_PER_CHANNEL - 1);
  });
});

describe('viewers of one channel', () => {
  it('share one frame of all changed feeds, and others have one of their own feeds', () => {
    const { become, newEvents, open, sockets } = worker();
    const all = [open([VIDEO]), open([VIDEO])];
    const some = [open([VIDEO], '', ['likes']), open([VIDEO], '', ['likes'])];
    become({ ...likesAt(1), ...votesAt(1) });
    for (const { viewer } of [...all, ...some]) newEvents(viewer);
    const calls = sockets.calls;
    become({ ...likesAt(2), ...votesAt(2) });
    expect(sockets.calls).toBe(calls + 2);
    for (const { viewer } of all) expect(names(newEvents(viewer))).toEqual(['likes', 'votes']);
    for (const { viewer } of some) expect(names(newEvents(viewer))).toEqual(['likes']);
  });
});

describe('joining a channel on an open stream from a place', () => {
  it('continues there, whatever the stream remembered', () => {
    const { become, newEvents, open, sessions } = worker();
    open([OTHER]);
    become({ ...likesAt(9), ...votesAt(1) }, OTHER);
    const session = open([VIDEO], `${OTHER}/likes=1:dc1.1@10;votes=1:dc1.1@1;entries=0:`);
    const places = decodeAllPlaces([`${OTHER}/likes=7:dc1.1@70;votes=1:dc1.1@1;entries=0:`]);
    sessions.join(session, OTHER, { places });
    expect(newEvents(session.viewer).map(({ data, event }) => [event, data.new])).toEqual([
      ['likes', 2],
    ]);
  });
});

describe('a viewer that is ahead in one feed', () => {
  const AHEAD = `${VIDEO}/likes=5:dc1.1@50;votes=1:dc1.1@1;entries=0:`;

  it('is sent the others, and continues once the place of that feed is reached', async () => {
    const { become, clock, fanOut, newEvents, open, requested } = worker();
    open([VIDEO]);
    become({ ...likesAt(3), ...votesAt(2) });
    const { viewer } = open([VIDEO], AHEAD);
    expect(newEvents(viewer).map(({ data, event, id }) => [event, data.new, id])).toEqual([
      ['votes', 1, `${VIDEO}/likes=5:dc1.1@50;votes=2:dc1.1@2;entries=0:`],
    ]);
    expect(requested).toEqual([VIDEO]);
    await clock.advance(REQUEST_GAP_MS);
    become({ ...likesAt(4), ...votesAt(3) });
    expect(names(newEvents(viewer))).toEqual(['votes']);
    expect([fanOut.waiting.size, requested.length]).toEqual([1, 2]);
    become(likesAt(8));
    expect(newEvents(viewer).map(({ data, id }) => [data.new, id])).toEqual([
      [3, `${VIDEO}/likes=8:dc1.1@80;votes=3:dc1.1@3;entries=0:`],
    ]);
    expect(fanOut.waiting.size).toBe(0);
  });

  it('is sent a snapshot of that feed alone after `WAIT_MS`, and shares frames again', async () => {
    const { become, clock, fanOut, newEvents, open, sockets } = worker();
    const inStep = open([VIDEO]);
    become({ ...likesAt(3), ...votesAt(2) });
    const { viewer } = open([VIDEO], AHEAD);
    newEvents(viewer);
    await clock.advance(WAIT_MS);
    for (const row of [...fanOut.waiting]) fanOut.sendLatest(row);
    const [snapshot] = newEvents(viewer);
    const data = { channel: VIDEO, total: 3, reactions: { like: 3 }, seen: { likes: 'dc1.1@30' } };
    expect([snapshot?.event, snapshot?.data]).toEqual(['snapshot', data]);
    newEvents(inStep.viewer);
    const calls = sockets.calls;
    become(likesAt(4));
    expect(sockets.calls).toBe(calls + 1);
    for (const one of [viewer, inStep.viewer]) expect(names(newEvents(one))).toEqual(['likes']);
  });
});
