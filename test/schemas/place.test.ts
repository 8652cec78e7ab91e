import fc from 'fast-check';
import '../fixtures/same-runs';
import {
  channelKey,
  decodeAllPlaces,
  decodePlaces,
  encodeSeveral,
  encodeSingle,
  MAX_PLACE_CHANNELS,
  parseVectorText,
  seenOf,
  vectorText,
} from '../../schemas/place';
import { channels, origins, places } from './arbitraries';
import { liked, place } from './place-parts';

describe('seenOf', () => {
  it('has the total and the version of each origin in order, but no state', () => {
    const seen = seenOf(4, {
      'dc2.1': { version: 1, state: { like: 3 } },
      'dc1.10': { version: 0, state: { like: 1 } },
      'dc1.2': { version: 5, state: {} },
    });
    expect(seen.total).toBe(4);
    expect([...seen.versions]).toEqual([
      ['dc1.2', 5],
      ['dc1.10', 0],
      ['dc2.1', 1],
    ]);
  });
});

describe('the text of versions', () => {
  it('is parsed as it was written', () => {
    const versions = fc.uniqueArray(fc.tuple(origins, fc.nat()), {
      selector: ([origin]) => origin,
    });
    fc.assert(
      fc.property(versions, (all) => {
        expect(parseVectorText(vectorText(new Map(all)))).toEqual(new Map(all));
      }),
    );
  });

  it.each(['dc1.1', 'dc1.1@', '@3', 'dc1@3', 'dc1.1@3,', 'dc1.1@3dc2.1@3', 'dc1.1@-3'])(
    'is refused if it is not valid: %j',
    (text) => {
      expect(parseVectorText(text)).toBeUndefined();
    },
  );
});

describe('the id of a viewer of one channel', () => {
  it('is decoded as it was encoded', () => {
    fc.assert(
      fc.property(channels, places, (channel, seen) => {
        const read = decodePlaces(encodeSingle(channel, seen));
        expect(read).toEqual(new Map([[channelKey(channel), seen]]));
      }),
    );
  });

  it('is readable', () => {
    const seen = place({
      likes: [1291, { 'dc1.1': 1203, 'dc2.1': 88 }],
      'poll-votes': [3, { 'dc1.1': 7 }],
    });
    const text = 'video:42/likes=1291:dc1.1@1203,dc2.1@88;poll-votes=3:dc1.1@7';
    expect(encodeSingle('video:42', seen)).toBe(text);
  });

  it('has no versions before the first entry, and may have no feeds', () => {
    expect(encodeSingle('video:42', liked(0, {}))).toBe('video:42/likes=0:');
    const read = decodePlaces('video:42/likes=0:');
    expect(read).toEqual(new Map([[channelKey('video:42'), liked(0, {})]]));
    const none = decodePlaces('video:42/');
    expect(none).toEqual(new Map([[channelKey('video:42'), place({})]]));
  });

  it.each([
    '',
    'video:42',
    'video:42/12',
    'video:42/12/dc1.1@3',
    'video:42/likes',
    'video:42/likes=',
    'video:42/likes=12',
    'video:42/likes=x:dc1.1@3',
    'video:42/likes=-1:dc1.1@3',
    'video:42/likes=12:dc1.1',
    'video:42/likes=12:dc1.1@',
    'video:42/likes=12:dc1@3',
    'video:42/likes=12:DC1.1@3',
    'video:42/likes=12:dc1.1@12dc2.1@3',
    'video:42/likes=1234567890123456:dc1.1@3',
    'video:42/LIKES=12:dc1.1@3',
    'video:42/=12:dc1.1@3',
    'video:42/likes=12:dc1.1@3;',
    'video:42/;likes=12:dc1.1@3',
    'video:42/likes=12:dc1.1@3;votes',
    'video:/likes=12:dc1.1@3',
    'VIDEO:42/likes=12:dc1.1@3',
    'video:4 2/likes=12:dc1.1@3',
    'video:42/likes=12:dc1.1@3\nvideo:43/likes=1:dc1.1@1',
    '1234',
  ])('is refused if it is not valid: %j', (text) => {
    expect(decodePlaces(text)).toBeUndefined();
  });

  it('is refused with more feeds or origins than a place can have', () => {
    const feeds = (count: number) =>
      Array.from({ length: count }, (_, at) => `t${at}=1:`).join(';');
    const list = (count: number) => Array.from({ length: count }, (_, at) => `d${at}.1@1`).join();
    expect(decodePlaces(`video:42/${feeds(32)}`)?.size).toBe(1);
    expect(decodePlaces(`video:42/${feeds(33)}`)).toBeUndefined();
    expect(decodePlaces(`video:42/likes=1:${list(64)}`)?.size).toBe(1);
    expect(decodePlaces(`video:42/likes=1:${list(65)}`)).toBeUndefined();
  });

  it('is refused in little time, with any text', () => {
    const before = process.cpuUsage();
    // Short enough that a failing run ends; each further piece would take five times as long.
    expect(decodePlaces(`video:1/likes=1:${'1.1@1111111'.repeat(99)}!`)).toBeUndefined();
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(50);
  });
});

describe('all ids of a request', () => {
  it('add up; of a channel in several ids the newest place counts', () => {
    const [one, two] = [liked(1, { 'dc1.1': 1 }), liked(2, { 'dc1.1': 2 })];
    const read = decodeAllPlaces([
      encodeSingle('video:1', one),
      'not valid',
      encodeSeveral([
        [channelKey('video:1'), two],
        [channelKey('video:2'), two],
      ]),
    ]);
    expect(read).toEqual(
      new Map([
        [channelKey('video:1'), two],
        [channelKey('video:2'), two],
      ]),
    );
    const [older, newer] = [encodeSingle('video:1', one), encodeSingle('video:1', two)];
    expect(decodeAllPlaces([newer, older])).toEqual(decodeAllPlaces([older, newer]));
    expect(decodeAllPlaces([])).toEqual(new Map());
  });

  it('have at most a fixed number of channels', () => {
    const names = Array.from({ length: MAX_PLACE_CHANNELS + 5 }, (_, at) => `video:${at}`);
    const read = decodeAllPlaces(names.map((name) => encodeSingle(name, liked(1, {}))));
    expect([...read.keys()]).toEqual(names.slice(0, MAX_PLACE_CHANNELS).map(channelKey));
  });
});

describe('channelKey', () => {
  it('is unique for a channel, and fits 64 bits', () => {
    expect(channelKey('video:1')).not.toBe(channelKey('video:2'));
    expect(channelKey('video:1')).toBe(channelKey('video:1'));
    expect(BigInt.asUintN(64, channelKey('video:1'))).toBe(channelKey('video:1'));
  });
});
