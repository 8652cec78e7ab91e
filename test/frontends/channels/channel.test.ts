import { Channel, MAX_VIEWS_PER_CHANNEL } from '../../../frontends/channels/channel';
import type { ChannelView } from '../../../frontends/channels/channel-view';
import { Row, type RowStream } from '../../../frontends/channels/row';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import type { Vector } from '../../../schemas/state';
import { counted, counting } from '../parts';
import { entries, votes } from '../policies';

const TYPES = new EventTypes([likes, votes, entries]);
const VIDEO = 'video:42';

const STREAM: RowStream = {
  viewer: 1,
  memberId: 'ann',
  isFull: false,
  isSingle: true,
  markFull: () => undefined,
  placeId: () => '',
  row: () => undefined,
};

function rowIn(view: ChannelView): Row {
  return new Row(STREAM, view, undefined);
}

/** A channel, and its view of some types. */
function viewed(...names: string[]) {
  const channel = new Channel(VIDEO, TYPES);
  const view = channel.viewOf(
    TYPES.of(VIDEO).filter(({ name }) => names.includes(name)),
    0,
  );
  const apply = (vector: Vector, t: number, type = 'likes') =>
    channel.apply({ [type]: vector }, t, 'complete').length > 0;
  return { apply, channel, view };
}

describe('a channel', () => {
  it('has no sent state before its first state has come: no made-up 0', () => {
    expect(viewed('likes').view.sent).toBeUndefined();
  });

  it('changes with an empty first state: the total is 0 then', () => {
    const { apply, view } = viewed('likes');
    expect(apply({}, 5)).toBe(true);
    expect(view.prepareNext().id).toBe('video:42/likes=0:');
  });

  it('changes with newer versions, and with no others', () => {
    const { apply, view } = viewed('likes');
    apply({ 'dc1.1': counted(3) }, 5);
    view.prepareNext();
    expect(apply({ 'dc1.1': counted(3) }, 6)).toBe(false);
    expect(apply({ 'dc1.1': counted(2) }, 6)).toBe(false);
    expect(apply({}, 6)).toBe(false);
    expect(apply({ 'dc1.1': counted(4) }, 6)).toBe(true);
    expect(apply({ 'dc2.1': counted(1) }, 7)).toBe(true);
    expect(view.prepareNext().id).toBe('video:42/likes=5:dc1.1@40,dc2.1@10');
  });

  it('has, by feed, the time of the oldest entry since the last flush', () => {
    const { apply, channel, view } = viewed('likes', 'votes');
    apply({}, 1);
    const before = view.prepareNext();
    channel.apply({ votes: { 'dc1.1': counting(1, { a: 1 }) } }, 70);
    channel.apply({ likes: { 'dc1.1': counted(1) } }, 50);
    channel.apply({ likes: { 'dc1.1': counted(2) } }, 30);
    const sent = view.prepareNext();
    expect(sent.timesSince(before)).toEqual([30, 70]);
    channel.apply({ likes: { 'dc1.1': counted(4) } }, 90);
    expect(view.prepareNext().timesSince(sent)).toEqual([90, Number.POSITIVE_INFINITY]);
  });

  it('sends a version that advances without a count: pages compare it with their places', () => {
    const { apply, view } = viewed('likes');
    apply({ 'dc1.1': counting(3, { like: 2 }) }, 5);
    view.prepareNext();
    expect(apply({ 'dc1.1': counting(9, { like: 2 }) }, 6)).toBe(true);
    expect(view.prepareNext().id).toBe('video:42/likes=2:dc1.1@9');
  });

  it('shares the state of an unchanged feed from one sent state to the next', () => {
    const { apply, view } = viewed('likes', 'votes');
    apply({ 'dc1.1': counted(1) }, 1);
    const before = view.prepareNext();
    apply({ 'dc1.1': counting(1, { a: 1 }) }, 2, 'votes');
    const after = view.prepareNext();
    expect(after.feeds[0]).toBe(before.feeds[0]);
    expect(after.feeds[1]).not.toBe(before.feeds[1]);
  });

  it('has nothing to send if no version is newer than those that were sent', () => {
    const { apply, view } = viewed('likes');
    apply({ 'dc1.1': counting(1, { a: 1 }), 'dc2.1': counting(2, { a: 1 }) }, 1);
    view.prepareNext();
    apply({ 'dc2.1': counting(1, {}) }, 2);
    expect(view.hasUnsent).toBe(false);
  });
});

describe('before a dispatcher has answered', () => {
  it('delivered states are merged, and nothing is sent', () => {
    const { channel, view } = viewed('likes');
    expect(channel.apply({ likes: { 'dc2.1': counted(2) } }, 1)).toEqual([]);
    expect(view.sent).toBeUndefined();
    expect(channel.apply({ likes: { 'dc1.1': counted(1) } }, 2, 'complete')).toEqual([view]);
    expect(view.prepareNext().id).toBe('video:42/likes=3:dc1.1@10,dc2.1@20');
  });

  it('with the saved states, only feeds with a cached state are sent', () => {
    const { channel, view } = viewed('likes', 'votes');
    channel.apply({ likes: { 'dc1.1': counted(1) } }, 1, 'partial');
    expect(view.prepareNext().id).toBe('video:42/likes=1:dc1.1@10');
    expect(channel.apply({}, 2, 'complete')).toEqual([view]);
    expect(view.prepareNext().id).toBe('video:42/likes=1:dc1.1@10;votes=0:');
  });
});

describe('the views of a channel', () => {
  it('are one for each set of types, and each has the channel’s newest state', () => {
    const { apply, channel, view } = viewed('likes');
    apply({ 'dc1.1': counted(3) }, 5);
    const all = channel.viewOf(TYPES.of(VIDEO), 0);
    expect(channel.viewOf(TYPES.of(VIDEO).slice(0, 1), 0)).toBe(view);
    expect(channel.viewOf([...TYPES.of(VIDEO)], 0)).toBe(all);
    expect(all.sent?.id).toBe('video:42/likes=3:dc1.1@30;votes=0:;entries=0:');
  });

  it('change only with their own types', () => {
    const { channel, view } = viewed('likes');
    const all = channel.viewOf(TYPES.of(VIDEO), 0);
    for (const one of [view, all]) one.audience.add(rowIn(one));
    channel.apply({}, 1, 'complete');
    for (const one of [view, all]) one.prepareNext();
    const changed = (type: string) => channel.apply({ [type]: { 'dc1.1': counted(1) } }, 2);
    expect(changed('votes').map(({ types }) => types.length)).toEqual([3]);
    expect(changed('likes').map(({ types }) => types.length)).toEqual([1, 3]);
    expect(changed('unknown')).toEqual([]);
    expect(Object.keys(channel.feeds)).toEqual(['votes', 'likes', 'unknown']);
  });

  it('are at most a few besides that of all types; those without viewers make room', () => {
    const many = Array.from({ length: 4 }, (_, at) => ({ ...votes, name: `votes-${at}` }));
    const types = new EventTypes(many);
    const channel = new Channel(VIDEO, types);
    const sets = Array.from({ length: MAX_VIEWS_PER_CHANNEL + 1 }, (_, at) =>
      many.filter((_type, bit) => (at + 1) & (1 << bit)),
    );
    const rows: Row[] = [];
    for (const [at, set] of sets.slice(0, -1).entries()) {
      expect(channel.hasRoomFor(set)).toBe(true);
      const view = channel.viewOf(set, 0);
      rows.push(rowIn(view));
      view.audience.add(rows[at] ?? rowIn(view));
    }
    expect(channel.hasRoomFor(sets.at(-1) ?? [])).toBe(false);
    expect(channel.hasRoomFor(sets[3] ?? [])).toBe(true);
    expect(channel.hasRoomFor(many)).toBe(true);
    channel.viewOf(many, 0).audience.add(rowIn(channel.viewOf(many, 0)));
    expect(channel.hasRoomFor(sets.at(-1) ?? [])).toBe(false);
    for (const row of rows.slice(3, 4)) row.view.audience.remove(row);
    expect(channel.hasRoomFor(sets.at(-1) ?? [])).toBe(true);
  });
});
