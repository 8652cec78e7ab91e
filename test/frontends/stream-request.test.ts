import { streamRequest } from '../../frontends/stream-request';
import { MAX_CHANNELS_PER_STREAM } from '../../frontends/viewers/sessions';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { channelKey, MAX_PLACE_CHANNELS } from '../../schemas/place';
import { votes } from './policies';

const TYPES = new EventTypes([likes, votes]);

type Query = Record<string, string | string[]>;

/** Reads a request with a query, and maybe the header `Last-Event-ID`. */
function read(query: Query, lastEventId = '') {
  const get = (name: string) => (name === 'Last-Event-ID' ? lastEventId : '');
  return streamRequest({ query, get }, TYPES);
}

/** By channel, the total in the places of a request. */
function totals({ places }: ReturnType<typeof streamRequest>, ...channels: string[]) {
  return channels.map((name) => places?.get(channelKey(name))?.get('likes')?.total);
}

describe('the request of a stream', () => {
  it('names each channel once', () => {
    expect(read({ channel: ['video:1', 'video:2', 'video:1'] }).channels).toEqual([
      'video:1',
      'video:2',
    ]);
    expect(read({ channel: 'video:1' })).toMatchObject({ channels: ['video:1'] });
  });

  it.each<[string, Query, string]>([
    ['no channel', {}, 'invalid_channel'],
    ['a channel of no kind', { channel: 'album:1' }, 'invalid_channel'],
    ['a channel with a wrong id', { channel: 'video:a b' }, 'invalid_id'],
    [
      'too many channels',
      { channel: Array.from({ length: MAX_CHANNELS_PER_STREAM + 1 }, (_, at) => `video:${at}`) },
      'too_many_channels',
    ],
  ])('is refused with %s', (_, query, code) => {
    expect(() => read(query)).toThrow(expect.objectContaining({ code, status: 400 }));
  });

  it('may name event types, several times or separated by commas', () => {
    expect(read({ channel: 'video:1' }).events).toBeUndefined();
    expect(read({ channel: 'video:1', events: 'likes' }).events).toEqual(['likes']);
    expect(read({ channel: 'video:1', events: ['votes', 'likes'] }).events).toEqual([
      ...['likes', 'votes'],
    ]);
    expect(read({ channel: 'video:1', events: 'votes,likes' }).events).toEqual(['likes', 'votes']);
  });

  it('keeps each known event type once, and no unknown name', () => {
    const many = Array.from({ length: 4_000 }, (_, at) => `${at}`).join();
    const events = ['likes,x', many, 'likes'];
    expect(read({ channel: 'video:1', events }).events).toEqual(['likes']);
    expect(read({ channel: 'video:1', events: ['', many] }).events).toEqual([]);
  });
});

describe('the last event ids of a request', () => {
  const [ONE, OTHER] = ['video:1/likes=1:dc1.1@1', 'video:2/likes=2:dc1.1@2'];

  it('are that of the header and those of the query, each for its own channels', () => {
    const channel = ['video:1', 'video:2'];
    const both = read({ channel, lastEventId: OTHER }, ONE);
    expect(totals(both, ...channel)).toEqual([1, 2]);
    expect(totals(read({ channel, lastEventId: [ONE, OTHER] }), ...channel)).toEqual([1, 2]);
  });

  it('count in this order for one channel', () => {
    const older = 'video:1/likes=9:dc1.1@9';
    expect(totals(read({ channel: 'video:1', lastEventId: older }, ONE), 'video:1')).toEqual([1]);
    const query = { channel: 'video:1', lastEventId: [older, ONE] };
    expect(totals(read(query), 'video:1')).toEqual([9]);
  });

  it('are ignored if they are not valid, and have at most so many channels', () => {
    const lastEventId = Array.from({ length: 60 }, (_, at) => `video:${at}/likes=1:dc1.1@1`);
    const { places } = read({ channel: 'video:1', lastEventId: ['rubbish', ...lastEventId] });
    expect(places?.size).toBe(MAX_PLACE_CHANNELS);
  });
});
