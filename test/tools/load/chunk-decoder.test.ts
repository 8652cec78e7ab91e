import { frameOf, LAST_CHUNK } from '../../../schemas/frame';
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

  it('returns the texts of frames', () => {
    const texts = ['data: é\n\n', 'x', 'y'.repeat(70_000)];
    const decoder = new ChunkDecoder();
    for (const text of texts) {
      const { chunked, plain } = frameOf(text);
      expect(decoder.push(chunked.toString('latin1'))).toBe(plain.toString('latin1'));
      expect(decoder.done).toBe(false);
    }
    expect(decoder.push(LAST_CHUNK.toString())).toBe('');
    expect(decoder.done).toBe(true);
  });

  it.each([
    ['a size that is not a number', 'hello\r\n'],
    ['no size', '\r\n'],
    ['a chunk that is longer than its size', '2\r\nabc\r\n'],
  ])('refuses %s', (_, coded) => {
    expect(() => new ChunkDecoder().push(coded)).toThrow('size');
  });
});
