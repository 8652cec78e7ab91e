import { Channel } from '../../../frontends/channels/channel';
import type { SentState } from '../../../frontends/channels/sent-state';
import {
  MAX_ENTRIES_AT_ONCE,
  MAX_ENTRIES_OF_SEVERAL,
  type Update,
  updateOf,
} from '../../../frontends/channels/update';
import type { Seen } from '../../../schemas/event-type';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import { encodeSingle, type Place } from '../../../schemas/place';
import type { Feeds } from '../../../schemas/state';
import { gauges, notes } from '../live-policies';
import { counting } from '../parts';
import { entries, votes } from '../policies';

const TYPES = new EventTypes([likes, votes, entries]);
const VIDEO = 'video:42';

const FEEDS: Feeds = {
  likes: { 'dc1.1': counting(12, { like: 12 }) },
  votes: { 'dc1.1': counting(3, { a: 3 }) },
  entries: { 'dc1.1': { version: 9, state: [4, 9] } },
};

/** A sent state of these feeds. */
function sentOf(feeds: Feeds = FEEDS): SentState {
  const channel = new Channel(VIDEO, TYPES);
  const view = channel.viewOf(TYPES.of(VIDEO), 0);
  channel.apply(feeds, 77, 'complete');
  return view.prepareNext();
}

function seen(total: number, version: number): Seen {
  return { total, versions: new Map([['dc1.1', version]]) };
}

/** A viewer's place. */
function at(place: Record<string, Seen>): { place: Place } {
  return { place: new Map(Object.entries(place)) };
}

/** Each block as its event, its data without the channel, and its id. */
function blocksOf({ blocks }: Update): unknown[] {
  return blocks.map(({ lines, seen: { place } }) => {
    const [event, data] = lines.split('\n').map((line) => line.slice(line.indexOf(': ') + 2));
    const { channel, ...rest } = JSON.parse(data ?? '');
    expect(channel).toBe(VIDEO);
    return [event, rest, encodeSingle(VIDEO, place).slice(VIDEO.length + 1)];
  });
}

const WHOLE = 'likes=12:dc1.1@12;votes=3:dc1.1@3;entries=0:dc1.1@9';

describe('the update of a viewer', () => {
  it('that has seen nothing is one snapshot of all feeds, with their vectors', () => {
    const update = updateOf(sentOf(), undefined);
    const vectors = { likes: 'dc1.1@12', votes: 'dc1.1@3', entries: 'dc1.1@9' };
    const fields = { total: 12, reactions: { like: 12 }, votes: 3, options: { a: 3 } };
    const data = { ...fields, entries: ['dc1.1@4', 'dc1.1@9'], seen: vectors };
    expect(blocksOf(update)).toEqual([['snapshot', data, WHOLE]]);
  });

  it('has a snapshot of the feeds without a place, then the news of each other feed', () => {
    const target = sentOf();
    const update = updateOf(target, at({ entries: seen(0, 2), likes: seen(10, 10) }));
    expect(blocksOf(update)).toEqual([
      [
        'snapshot',
        { votes: 3, options: { a: 3 }, seen: { votes: 'dc1.1@3' } },
        'likes=10:dc1.1@10;votes=3:dc1.1@3;entries=0:dc1.1@2',
      ],
      [
        'likes',
        { total: 12, reactions: { like: 12 }, new: 2, t: 77, seen: 'dc1.1@12' },
        'likes=12:dc1.1@12;votes=3:dc1.1@3;entries=0:dc1.1@2',
      ],
      ['entry', expect.objectContaining({ entry: 'dc1.1@4' }), WHOLE.replace('@9', '@4')],
      ['entry', expect.objectContaining({ entry: 'dc1.1@9' }), WHOLE],
    ]);
    expect(update.reached).toBe(target);
    expect(update.blocks.map(({ entries: n, type }) => [type, n])).toEqual([
      [undefined, 0],
      ['likes', 2],
      ['entries', 1],
      ['entries', 1],
    ]);
  });
});

describe('the update of a viewer ahead of its channel', () => {
  it('leaves out a feed that is ahead, and keeps its place', () => {
    const place = at({ likes: seen(99, 99), votes: seen(2, 2), entries: seen(0, 9) });
    const update = updateOf(sentOf(), place);
    const kept = 'likes=99:dc1.1@99;votes=3:dc1.1@3;entries=0:dc1.1@9';
    const news = { votes: 3, options: { a: 3 }, new: 1, t: 77, seen: 'dc1.1@3' };
    expect(blocksOf(update)).toEqual([['votes', news, kept]]);
    expect(update.isWaiting).toBe(true);
    expect(encodeSingle(VIDEO, update.reached.place)).toBe(`${VIDEO}/${kept}`);
  });

  it('has a snapshot of a feed that is ahead and may not wait longer', () => {
    const place = at({ likes: seen(99, 99), votes: seen(3, 3), entries: seen(0, 9) });
    const update = updateOf(sentOf(), place, { mayWait: () => false });
    const data = { total: 12, reactions: { like: 12 }, seen: { likes: 'dc1.1@12' } };
    expect(blocksOf(update)).toEqual([['snapshot', data, WHOLE]]);
    expect(update.isWaiting).toBe(false);
  });
});

describe('the update of a viewer', () => {
  it('has no block if the viewer is in step', () => {
    const target = sentOf({ likes: { 'dc1.1': counting(15, { like: 12 }) } });
    const place = at({ likes: seen(12, 15), votes: seen(0, 0), entries: seen(0, 0) });
    const waiting = updateOf(target, place);
    expect([waiting.blocks, waiting.isWaiting]).toEqual([[], true]);
    const none = { total: 0, versions: new Map<string, number>() };
    const update = updateOf(target, at({ likes: seen(12, 15), votes: none, entries: none }));
    expect([update.blocks, update.isWaiting, update.reached]).toEqual([[], false, target]);
  });

  it('has, by feed, the time of the oldest entry that was missed', () => {
    const place = at({ likes: seen(10, 10), votes: seen(2, 2), entries: seen(0, 9) });
    const missedSince = [50, Number.POSITIVE_INFINITY, 60];
    const { blocks, times } = updateOf(sentOf(), place, { missedSince });
    expect(times).toEqual([50, 77, Number.POSITIVE_INFINITY]);
    const ts = blocks.map(({ lines }) => JSON.parse(lines.split('data: ')[1] ?? '').t);
    expect(ts).toEqual([50, 77]);
  });

  it('keeps the place of a feed whose state is not known yet', () => {
    const channel = new Channel(VIDEO, TYPES);
    const view = channel.viewOf(TYPES.of(VIDEO), 0);
    channel.apply({ likes: FEEDS.likes ?? {} }, 77, 'partial');
    const place = at({ likes: seen(12, 12), votes: seen(2, 2) });
    const { blocks, isWaiting, reached } = updateOf(view.prepareNext(), place);
    expect([blocks, isWaiting]).toEqual([[], false]);
    const kept = `${VIDEO}/likes=12:dc1.1@12;votes=2:dc1.1@2`;
    expect(encodeSingle(VIDEO, reached.place)).toBe(kept);
  });
});

describe('the update of a viewer with more entries than are sent at once', () => {
  const offsets = Array.from({ length: 60 }, (_, offset) => offset);
  const types = new EventTypes([notes, gauges]);
  const channel = new Channel(VIDEO, types);
  const view = channel.viewOf(types.of(VIDEO), 0);
  const state = { floor: -1, offsets };
  channel.apply({ notes: { 'dc1.1': { version: 59, state } } }, 1, 'complete');
  const target = view.prepareNext();
  const place = at({ notes: seen(0, 2) });

  it.each([
    [MAX_ENTRIES_AT_ONCE, 'the only channel'],
    [MAX_ENTRIES_OF_SEVERAL, 'one of several channels'],
  ])('has a gap, then the newest %d in %s', (maxEntries) => {
    const update = updateOf(target, place, { maxEntries });
    const [gap, ...others] = blocksOf(update);
    const upTo = 59 - maxEntries;
    expect(gap).toEqual([
      'gap',
      { channelId: '42', after: 'dc1.1@2', upTo: `dc1.1@${upTo}` },
      `notes=0:dc1.1@${upTo}`,
    ]);
    expect(others).toHaveLength(maxEntries);
    expect(update.reached).toBe(target);
  });

  it('counts the entries that are sent, and none of the gap', () => {
    const { blocks } = updateOf(target, place);
    expect(blocks.map(({ entries: count }) => count)).toEqual([
      0,
      ...Array.from({ length: MAX_ENTRIES_AT_ONCE }, () => 1),
    ]);
  });
});
