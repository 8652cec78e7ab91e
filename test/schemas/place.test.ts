import fc from 'fast-check';
import '../fixtures/same-runs';
import {
  channelKey,
  decodeAllPlaces,
  decodePlaces,
  encodeSeveral,
  encodeSingle,
  MAX_PLACE_BYTES,
  MAX_PLACE_CHANNELS,
  type Place,
  parseVectorText,
  seenOf,
  vectorText,
} from '../../schemas/place';
import { channels, origins, places, somePlaces } from './arbitraries';

/** A place whose types and origins are few, as in one installation. */
const installed = places.map((place) => {
  const feeds = [...place].map(([type, { total, versions }], at) => {
    const all = [...versions].map(
      ([, version], of) => [`dc${of}.${type.length % 3}`, version] as const,
    );
    return [`type-${at}`, { total, versions: new Map(all) }] as const;
  });
  return new Map(feeds);
});

const several = fc.uniqueArray(fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), installed), {
  selector: ([key]) => key,
  maxLength: 12,
});

type Feed = readonly [total: number, versions: Record<string, number>];

function place(feeds: Record<string, Feed>): Place {
  const all = Object.entries(feeds);
  return new Map(
    all.map(([type, [total, versions]]) => [
      type,
      { total, versions: new Map(Object.entries(versions)) },
    ]),
  );
}

/** The place of a viewer of likes. */
function liked(total: number, versions: Record<string, number>): Place {
  return place({ likes: [total, versions] });
}

function compact(...bytes: number[]): string {
  return `~${Buffer.from(bytes).toString('base64url')}`;
}

/** The bytes of a name in the list of names. */
function named(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}

/** The bytes of the key 1. */
const KEY = [1, 0, 0, 0, 0, 0, 0, 0];

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

describe('the id of a viewer of several channels', () => {
  it('is decoded as it was encoded', () => {
    fc.assert(
      fc.property(several, (seen) => {
        expect(decodePlaces(encodeSeveral(seen))).toEqual(new Map(seen));
      }),
    );
  });

  it('has only characters that are safe in a header, a URL and an `id:` line', () => {
    fc.assert(
      fc.property(several, (seen) => {
        expect(encodeSeveral(seen)).toMatch(/^~[A-Za-z0-9_-]*$/);
      }),
    );
  });

  it('holds a stream of 50 channels in three datacenters', () => {
    const versions = { 'dc1.1': 2 ** 40, 'dc2.1': 2 ** 40, 'dc3.1': 2 ** 40 };
    const seen = liked(2 ** 40, versions);
    const all = Array.from({ length: 50 }, (_, at) => [channelKey(`video:${at}`), seen] as const);
    const read = decodePlaces(encodeSeveral(all));
    expect(read?.size).toBe(50);
  });

  it('leaves out the last channels if not all fit, and is never longer than 4 KB', () => {
    fc.assert(
      fc.property(somePlaces, fc.integer({ min: 150, max: 600 }), (seen, count) => {
        const all = Array.from({ length: count }, (_, at) => [BigInt(at), seen] as const);
        const id = encodeSeveral(all);
        expect(id.length).toBeLessThanOrEqual(MAX_PLACE_BYTES);
        const kept = [...(decodePlaces(id) ?? [])];
        expect(kept).toEqual(all.slice(0, kept.length));
        expect(kept.length).toBeGreaterThan(9);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves out the origins of a channel that does not fit', () => {
    const versions: Record<string, number> = {};
    for (let at = 0; at < 60; at++) versions[`${'datacenter'.repeat(7)}${at}.1`] = 1;
    const id = encodeSeveral([
      [1n, liked(1, { 'dc1.1': 1 })],
      [2n, liked(60, versions)],
    ]);
    expect(id.length).toBeLessThanOrEqual(MAX_PLACE_BYTES);
    expect(decodePlaces(id)).toEqual(new Map([[1n, liked(1, { 'dc1.1': 1 })]]));
  });

  it('is refused if it was cut within a channel', () => {
    const id = encodeSeveral([[1n, liked(300, { 'dc1.1': 300 })]]);
    const uncut = Buffer.from(id.slice(1), 'base64url');
    const headBytes = 1 + 1 + named('likes').length + named('dc1.1').length;
    for (let length = headBytes + 1; length < uncut.length; length++) {
      const cut = `~${uncut.subarray(0, length).toString('base64url')}`;
      expect([length, decodePlaces(cut)]).toEqual([length, undefined]);
    }
  });

  it('is refused in another format version', () => {
    const id = encodeSeveral([[1n, liked(3, { 'dc1.1': 3 })]]);
    const bytes = Buffer.from(id.slice(1), 'base64url');
    expect(bytes[0]).toBe(2);
    bytes[0] = 1;
    expect(decodePlaces(`~${bytes.toString('base64url')}`)).toBeUndefined();
  });

  it('is refused if it refers to a type or an origin that it does not list', () => {
    const names = [...named('a'), ...named('b')];
    const read = decodePlaces(compact(2, 2, ...names, ...KEY, 1, 0, 5, 1, 1, 6));
    expect(read?.get(1n)).toEqual(place({ a: [5, { b: 6 }] }));
    expect(decodePlaces(compact(2, 2, ...names, ...KEY, 1, 2, 5, 1, 1, 6))).toBeUndefined();
    expect(decodePlaces(compact(2, 2, ...names, ...KEY, 1, 0, 5, 1, 2, 6))).toBeUndefined();
    expect(decodePlaces(compact(2, 0, ...KEY, 1, 0, 5, 0))).toBeUndefined();
  });

  it('is refused if a number in it is not a safe integer', () => {
    const tooGreat = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    const endless = new Array<number>(20).fill(0xff);
    const start = [2, 1, ...named('a'), ...KEY, 1, 0];
    expect(decodePlaces(compact(...start, 5, 0))?.get(1n)).toEqual(place({ a: [5, {}] }));
    expect(decodePlaces(compact(...start, ...tooGreat, 0))).toBeUndefined();
    expect(decodePlaces(compact(...start, ...endless))).toBeUndefined();
  });
});

describe('all ids of a request', () => {
  it('add up; of a channel in several ids the first one counts', () => {
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
        [channelKey('video:1'), one],
        [channelKey('video:2'), two],
      ]),
    );
    expect(decodeAllPlaces([])).toEqual(new Map());
  });

  it('have at most a fixed number of channels', () => {
    const names = Array.from({ length: MAX_PLACE_CHANNELS + 5 }, (_, at) => `video:${at}`);
    const read = decodeAllPlaces(names.map((name) => encodeSingle(name, liked(1, {}))));
    expect([...read.keys()]).toEqual(names.slice(0, MAX_PLACE_CHANNELS).map(channelKey));
  });
});

describe('any text', () => {
  it('is refused if it is longer than 4 KB', () => {
    const channelsOf = (count: number) =>
      Array.from({ length: count }, (_, at) => [at & 0xff, at >> 8, 0, 0, 0, 0, 0, 0, 0]).flat();
    const fits = compact(2, 0, ...channelsOf(340));
    const tooLong = compact(2, 0, ...channelsOf(342));
    expect(fits.length).toBeLessThanOrEqual(MAX_PLACE_BYTES);
    expect(tooLong.length).toBeGreaterThan(MAX_PLACE_BYTES);
    expect(decodePlaces(fits)?.size).toBe(340);
    expect(decodePlaces(tooLong)).toBeUndefined();
  });

  it('never throws', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const made = fc.oneof(
      fc.string(),
      fc.string().map((text) => `~${text}`),
      bytes.map((given) => compact(...given)),
      bytes.map((given) => compact(2, ...given)),
      bytes.map((given) => compact(2, 2, ...named('a'), ...named('b'), ...KEY, ...given)),
      fc.tuple(channels, fc.string()).map(([channel, text]) => `${channel}/likes=1:${text}`),
    );
    fc.assert(
      fc.property(made, (text) => {
        for (const [, feeds] of decodePlaces(text) ?? []) {
          for (const { total, versions } of feeds.values()) {
            expect([total, ...versions.values()].every(Number.isSafeInteger)).toBe(true);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never throws if it is a cut id', () => {
    fc.assert(
      fc.property(several, fc.nat({ max: 400 }), (seen, length) => {
        const cut = decodePlaces(encodeSeveral(seen).slice(0, length));
        for (const [key] of cut ?? []) expect(seen.map(([known]) => known)).toContain(key);
      }),
    );
  });
});

describe('channelKey', () => {
  it('is unique for a channel, and fits 64 bits', () => {
    expect(channelKey('video:1')).not.toBe(channelKey('video:2'));
    expect(channelKey('video:1')).toBe(channelKey('video:1'));
    expect(BigInt.asUintN(64, channelKey('video:1'))).toBe(channelKey('video:1'));
  });
});
