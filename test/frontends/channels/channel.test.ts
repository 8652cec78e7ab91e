import { Channel } from '../../../frontends/channels/channel';
import { counted } from '../parts';

describe('a channel', () => {
  it('has no sent state before its first state has come: no made-up 0', () => {
    expect(new Channel('video:42').sent).toBeUndefined();
  });

  it('changes with an empty first state: the total is 0 then', () => {
    const channel = new Channel('video:42');
    expect(channel.apply({}, 5)).toBe(true);
    expect(channel.prepareNext()).toMatchObject({
      place: { total: 0 },
      reactions: {},
      id: 'video:42/0/',
    });
  });

  it('changes with newer versions, and with no others', () => {
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

  it('has the time of the oldest like since the last flush', () => {
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

  it('replaces the place of its sent state when a version advances without a count', () => {
    const channel = new Channel('video:42');
    channel.apply({ 'dc1.1': { version: 3, counts: { like: 2 } } }, 5);
    const sent = channel.prepareNext();
    const { place } = sent;
    expect(channel.apply({ 'dc1.1': { version: 9, counts: { like: 2 } } }, 6)).toBe(false);
    expect(channel.sent).toBe(sent);
    expect(sent).toMatchObject({ id: 'video:42/2/dc1.1@9' });
    expect([...sent.place.versions]).toEqual([['dc1.1', 9]]);
    expect([...place.versions]).toEqual([['dc1.1', 3]]);
  });
});

describe('the lines of a sent state', () => {
  const sent = (() => {
    const channel = new Channel('video:42');
    channel.apply({ 'dc1.1': counted(12) }, 5);
    return channel.prepareNext();
  })();

  it('are a snapshot for a viewer that has seen nothing', () => {
    expect(sent.linesSince(undefined, 5)).toBe(
      'event: snapshot\ndata: {"channel":"video:42","total":12,"reactions":{"like":12}}\n',
    );
  });

  it('are the difference for a viewer that has seen an older state', () => {
    const seen = { total: 9, versions: new Map() };
    const data = '{"channel":"video:42","total":12,"reactions":{"like":12},"new":3,"t":77}';
    expect(sent.linesSince(seen, 77)).toBe(`event: likes\ndata: ${data}\n`);
  });
});
