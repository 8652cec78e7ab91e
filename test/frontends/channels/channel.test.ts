import { Channel, linesTo } from '../../../frontends/channels/channel';
import { counted } from '../parts';

describe('a channel', () => {
  it('has no state before the first has come: no made-up 0', () => {
    expect(new Channel('video:42').sent).toBeUndefined();
  });

  it('takes an empty first state for a change: then 0 is known', () => {
    const channel = new Channel('video:42');
    expect(channel.apply({}, 5)).toBe(true);
    expect(channel.prepareNext()).toMatchObject({
      place: { total: 0 },
      reactions: {},
      id: 'video:42/0/',
    });
  });

  it('changes with what is newer, and with nothing else', () => {
    const channel = new Channel('video:42');
    channel.apply({ 'dc1.1': counted(3) }, 5);
    channel.prepareNext();
    expect(channel.apply({ 'dc1.1': counted(3) }, 6)).toBe(false);
    expect(channel.apply({ 'dc1.1': counted(2) }, 6)).toBe(false);
    expect(channel.apply({}, 6)).toBe(false);
    expect(channel.apply({ 'dc1.1': counted(4) }, 6)).toBe(true);
    expect(channel.apply({ 'dc2.1': counted(1) }, 7)).toBe(true);
    expect(channel.prepareNext().place.total).toBe(5);
  });

  it('has the time of the oldest like that came since the last flush', () => {
    const channel = new Channel('video:42');
    channel.apply({ 'dc1.1': counted(1) }, 50);
    channel.apply({ 'dc1.1': counted(2) }, 30);
    channel.apply({ 'dc1.1': counted(3) }, 70);
    channel.prepareNext();
    expect(channel.oldestSentAt).toBe(30);
    channel.apply({ 'dc1.1': counted(4) }, 90);
    channel.prepareNext();
    expect(channel.oldestSentAt).toBe(90);
  });

  it('moves its place on when a version does with nothing counted, and is no change', () => {
    const channel = new Channel('video:42');
    channel.apply({ 'dc1.1': { version: 3, counts: { like: 2 } } }, 5);
    const { place } = channel.prepareNext();
    expect(channel.apply({ 'dc1.1': { version: 9, counts: { like: 2 } } }, 6)).toBe(false);
    expect(channel.sent).toMatchObject({ id: 'video:42/2/dc1.1@9' });
    expect(channel.sent?.place).toBe(place);
  });
});

describe('the lines that bring a viewer on', () => {
  const flushed = (() => {
    const channel = new Channel('video:42');
    channel.apply({ 'dc1.1': counted(12) }, 5);
    return channel.prepareNext();
  })();

  it('are a snapshot for one that has seen nothing', () => {
    expect(linesTo('video:42', flushed, undefined, 5)).toBe(
      'event: snapshot\ndata: {"channel":"video:42","total":12,"reactions":{"like":12}}\n',
    );
  });

  it('are the difference for one that has seen something', () => {
    const seen = { total: 9, versions: new Map() };
    const data = '{"channel":"video:42","total":12,"reactions":{"like":12},"new":3,"t":77}';
    expect(linesTo('video:42', flushed, seen, 77)).toBe(`event: likes\ndata: ${data}\n`);
  });
});
