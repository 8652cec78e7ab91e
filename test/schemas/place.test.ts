import fc from 'fast-check';
import '../fixtures/same-runs';
import {
  channelKey,
  decodePlaces,
  encodeSeveral,
  encodeSingle,
  MAX_PLACE_BYTES,
  type Place,
  placeOf,
} from '../../schemas/place';
import { channels, places } from './arbitraries';

const several = fc.uniqueArray(fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), places), {
  selector: ([key]) => key,
  maxLength: 12,
});

function place(total: number, versions: Record<string, number>): Place {
  return { total, versions: new Map(Object.entries(versions)) };
}

function compact(...bytes: number[]): string {
  return `~${Buffer.from(bytes).toString('base64url')}`;
}

describe('placeOf', () => {
  it('has the total and the version of each origin, but no counts', () => {
    const vector = { 'dc1.1': { version: 0, counts: { like: 4 } } };
    expect(placeOf(4, vector)).toEqual(place(4, { 'dc1.1': 0 }));
  });
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
    const seen = place(1291, { 'dc1.1': 1203, 'dc2.1': 88 });
    expect(encodeSingle('video:42', seen)).toBe('video:42/1291/dc1.1@1203,dc2.1@88');
  });

  it('has no versions before the first like', () => {
    expect(encodeSingle('video:42', place(0, {}))).toBe('video:42/0/');
    expect(decodePlaces('video:42/0/')).toEqual(new Map([[channelKey('video:42'), place(0, {})]]));
  });

  it.each([
    '',
    'video:42',
    'video:42/12',
    'video:42/x/dc1.1@3',
    'video:42/-1/dc1.1@3',
    'video:42/12/dc1.1',
    'video:42/12/dc1.1@',
    'video:42/12/dc1@3',
    'video:42/12/DC1.1@3',
    'video:42/1234567890123456/dc1.1@3',
    'video:/12/dc1.1@3',
    'VIDEO:42/12/dc1.1@3',
    'video:4 2/12/dc1.1@3',
    'video:42/12/dc1.1@3\nvideo:43/1/dc1.1@1',
    '1234',
  ])('is refused if it is not valid: %j', (text) => {
    expect(decodePlaces(text)).toBeUndefined();
  });

  it('is refused if a comma between two versions is missing', () => {
    expect(decodePlaces('video:42/3/dc1.1@12dc2.1@3')).toBeUndefined();
  });

  it('is refused in little time, with any text', () => {
    const before = process.cpuUsage();
    // Short enough that a failing run ends; each further piece would take five times as long.
    expect(decodePlaces(`video:1/1/${'1.1@1111111'.repeat(9)}!`)).toBeUndefined();
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
    const seen = place(2 ** 40, { 'dc1.1': 2 ** 40, 'dc2.1': 2 ** 40, 'dc3.1': 2 ** 40 });
    const all = Array.from({ length: 50 }, (_, at) => [channelKey(`video:${at}`), seen] as const);
    const read = decodePlaces(encodeSeveral(all));
    expect(read?.size).toBe(50);
  });

  it('leaves out the last channels if not all fit, and is never longer than 4 KB', () => {
    fc.assert(
      fc.property(places, fc.integer({ min: 50, max: 600 }), (seen, count) => {
        const all = Array.from({ length: count }, (_, at) => [BigInt(at), seen] as const);
        const id = encodeSeveral(all);
        expect(id.length).toBeLessThanOrEqual(MAX_PLACE_BYTES);
        const kept = [...(decodePlaces(id) ?? [])];
        expect(kept).toEqual(all.slice(0, kept.length));
        expect(kept.length).toBeGreaterThan(20);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves out the origins of a channel that does not fit', () => {
    const versions: Record<string, number> = {};
    for (let at = 0; at < 60; at++) versions[`${'datacenter'.repeat(7)}${at}.1`] = 1;
    const id = encodeSeveral([
      [1n, place(1, { 'dc1.1': 1 })],
      [2n, place(60, versions)],
    ]);
    expect(id.length).toBeLessThanOrEqual(MAX_PLACE_BYTES);
    expect(decodePlaces(id)).toEqual(new Map([[1n, place(1, { 'dc1.1': 1 })]]));
  });

  it('is refused if it was cut within a channel', () => {
    const id = encodeSeveral([[1n, place(300, { 'dc1.1': 300 })]]);
    const uncut = Buffer.from(id.slice(1), 'base64url');
    const headBytes = 1 + 1 + 1 + 'dc1.1'.length;
    for (let length = headBytes + 1; length < uncut.length; length++) {
      const cut = `~${uncut.subarray(0, length).toString('base64url')}`;
      expect([length, decodePlaces(cut)]).toEqual([length, undefined]);
    }
  });

  it('is refused in another format version', () => {
    const id = encodeSeveral([[1n, place(3, { 'dc1.1': 3 })]]);
    const bytes = Buffer.from(id.slice(1), 'base64url');
    bytes[0] = 2;
    expect(decodePlaces(`~${bytes.toString('base64url')}`)).toBeUndefined();
  });

  it('is refused if it refers to an origin that it does not list', () => {
    const key = [1, 0, 0, 0, 0, 0, 0, 0];
    expect(decodePlaces(compact(1, 0, ...key, 5, 1, 0, 5))).toBeUndefined();
    expect(decodePlaces(compact(1, 1, 1, 97, ...key, 5, 1, 0, 5))?.get(1n)).toEqual(
      place(5, { a: 5 }),
    );
  });

  it('is refused if a number in it is not a safe integer', () => {
    const key = [1, 0, 0, 0, 0, 0, 0, 0];
    const tooGreat = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    const endless = new Array<number>(20).fill(0xff);
    expect(decodePlaces(compact(1, 0, ...key, ...tooGreat, 0))).toBeUndefined();
    expect(decodePlaces(compact(1, 0, ...key, ...endless))).toBeUndefined();
  });
});

describe('any text', () => {
  it('is refused if it is longer than 4 KB', () => {
    const channelsOf = (count: number) =>
      Array.from({ length: count }, (_, at) => [at & 0xff, at >> 8, 0, 0, 0, 0, 0, 0, 1, 0]).flat();
    const fits = compact(1, 0, ...channelsOf(306));
    const tooLong = compact(1, 0, ...channelsOf(308));
    expect(fits.length).toBeLessThanOrEqual(MAX_PLACE_BYTES);
    expect(tooLong.length).toBeGreaterThan(MAX_PLACE_BYTES);
    expect(decodePlaces(fits)?.size).toBe(306);
    expect(decodePlaces(tooLong)).toBeUndefined();
  });

  it('never throws', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const made = fc.oneof(
      fc.string(),
      fc.string().map((text) => `~${text}`),
      bytes.map((given) => compact(...given)),
      bytes.map((given) => compact(1, ...given)),
      fc.tuple(channels, fc.string()).map(([channel, text]) => `${channel}/1/${text}`),
    );
    fc.assert(
      fc.property(made, (text) => {
        for (const [, { total, versions }] of decodePlaces(text) ?? []) {
          expect([total, ...versions.values()].every(Number.isSafeInteger)).toBe(true);
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
