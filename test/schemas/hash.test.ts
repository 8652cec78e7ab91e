import { fingerprint, spread } from '../../schemas/hash';

describe('spread', () => {
  it('returns the published values of FNV-1a, 32 bit', () => {
    expect(spread('')).toBe(0x811c9dc5);
    expect(spread('a')).toBe(0xe40c292c);
    expect(spread('foobar')).toBe(0xbf9cf968);
  });
});

describe('fingerprint', () => {
  it('is the first 64 bits of SHA-1 over key and text', () => {
    // printf 'key\ntext' | sha1sum: the first eight bytes, least significant first
    expect(fingerprint('key', 'text').toString(16).padStart(16, '0')).toBe('36544615a80fb8ea');
  });

  it('depends on the key', () => {
    expect(fingerprint('one', 'text')).not.toBe(fingerprint('other', 'text'));
  });
});
