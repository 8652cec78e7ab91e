import { ChunkDecoder } from '../../../tools/load/chunk-decoder';

const CODED = '5\r\nhello\r\nb;name=value\r\n, big world\r\n0\r\n\r\n';

describe('ChunkDecoder', () => {
  it('returns the body, for reads of any length', () => {
    for (let cut = 1; cut < CODED.length; cut += 1) {
      const decoder = new ChunkDecoder();
      const body = decoder.push(CODED.slice(0, cut)) + decoder.push(CODED.slice(cut));
      expect(body).toBe('hello, big world');
      expect(decoder.done).toBe(true);
    }
  });

  it('refuses an invalid size', () => {
    expect(() => new ChunkDecoder().push('hello\r\n')).toThrow('size');
  });
});
