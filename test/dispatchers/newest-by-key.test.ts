import { NewestByKey, newestByFeed } from '../../dispatchers/newest-by-key';
import { counted, types } from './parts';

interface Item {
  readonly channel: string;
  readonly text: string;
}

const item = (channel: string, text: string): Item => ({ channel, text });

/** A merge whose result shows the order of its arguments. */
function newest(): NewestByKey<Item> {
  return new NewestByKey(
    ({ channel }) => channel,
    (earlier, { channel, text }) => ({ channel, text: `${earlier.text} ${text}` }),
  );
}

describe('NewestByKey', () => {
  it('merges an item with the earlier one of its key, which keeps its place', () => {
    const items = newest();
    for (const [channel, text] of [
      ['video:1', 'a'],
      ['video:2', 'b'],
      ['video:1', 'c'],
    ] as const) {
      items.add(item(channel, text));
    }
    expect(items.size).toBe(2);
    expect([...items.values()]).toEqual([item('video:1', 'a c'), item('video:2', 'b')]);
  });

  it('merges a restored item as the earlier one', () => {
    const items = newest();
    items.add(item('video:1', 'later'));
    items.restore(item('video:1', 'earlier'));
    items.restore(item('video:2', 'alone'));
    expect(items.take()).toEqual([item('video:1', 'earlier later'), item('video:2', 'alone')]);
  });

  it('removes the first items that it returns, and no others', () => {
    const items = newest();
    for (const channel of ['video:1', 'video:2', 'video:3']) items.add(item(channel, 'a'));
    expect(items.take(2).map(({ channel }) => channel)).toEqual(['video:1', 'video:2']);
    items.add(item('video:1', 'b'));
    expect(items.take(0)).toEqual([]);
    expect(items.take()).toEqual([item('video:3', 'a'), item('video:1', 'b')]);
    expect(items.size).toBe(0);
  });

  it('has no items after it was cleared', () => {
    const items = newest();
    items.add(item('video:1', 'a'));
    items.clear();
    expect([items.size, items.take()]).toEqual([0, []]);
  });
});

test('updates are merged by feed, not by channel', () => {
  const items = newestByFeed(types);
  const update = (type: string, version: number) => {
    const vector = { 'dc1.1': counted(version, { like: version }) };
    return { channel: 'video:1', type, t: version, vector };
  };
  for (const each of [update('likes', 1), update('votes', 7), update('likes', 2)]) items.add(each);
  expect(items.take()).toEqual([{ ...update('likes', 2), t: 1 }, update('votes', 7)]);
});
