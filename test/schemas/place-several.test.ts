import fc from 'fast-check';
import '../fixtures/same-runs';
import { channelKey, decodePlaces, encodeSeveral, MAX_PLACE_BYTES } from '../../schemas/place';
import { channels, somePlaces } from './arbitraries';
import { compact, KEY, liked, named, place, several } from './place-parts';

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
});

describe('an id of several channels', () => {
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
    const names = [...named('a'), ...named('b.1')];
    const read = decodePlaces(compact(2, 2, ...names, ...KEY, 1, 0, 5, 1, 1, 6));
    expect(read?.get(1n)).toEqual(place({ a: [5, { 'b.1': 6 }] }));
    expect(decodePlaces(compact(2, 2, ...names, ...KEY, 1, 2, 5, 1, 1, 6))).toBeUndefined();
    expect(decodePlaces(compact(2, 2, ...names, ...KEY, 1, 0, 5, 1, 2, 6))).toBeUndefined();
    expect(decodePlaces(compact(2, 0, ...KEY, 1, 0, 5, 0))).toBeUndefined();
  });

  it.each([
    ['type', 'a=1:\nevent: b', 'b.1'],
    ['type', 'A', 'b.1'],
    ['origin', 'a', 'b.1\nevent: b\n\n'],
    ['origin', 'a', 'b'],
  ])('is refused if the name of the %s is not one: %j, %j', (_, type, origin) => {
    const names = [...named(type), ...named(origin)];
    expect(decodePlaces(compact(2, 2, ...names, ...KEY, 1, 0, 5, 1, 1, 6))).toBeUndefined();
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
