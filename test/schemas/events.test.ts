import { LikestreamError } from '../../schemas/errors';
import { EVENT_TYPES, parseChannel } from '../../schemas/events';

function codeOf(text: string): string {
  try {
    parseChannel(text);
    return 'none';
  } catch (error) {
    return error instanceof LikestreamError ? error.code : 'another';
  }
}

describe('parseChannel', () => {
  it('returns a channel of a known kind', () => {
    expect(parseChannel('video:42')).toBe('video:42');
    expect(parseChannel(`video:${'a'.repeat(64)}`)).toBe(`video:${'a'.repeat(64)}`);
  });

  it.each([
    ['', 'invalid_channel'],
    ['video', 'invalid_channel'],
    [':42', 'invalid_channel'],
    ['nothing:42', 'invalid_channel'],
    ['Video:42', 'invalid_channel'],
    ['video:', 'invalid_id'],
    ['video:4/2', 'invalid_id'],
    ['video:4:2', 'invalid_id'],
    [`video:${'a'.repeat(65)}`, 'invalid_id'],
  ])('refuses %j with %s', (text, code) => {
    expect(codeOf(text)).toBe(code);
  });
});

describe('the event types', () => {
  it('have different names', () => {
    const names = EVENT_TYPES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('likes');
  });
});
