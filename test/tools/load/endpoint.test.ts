import { endpointOf, streamHead } from '../../../tools/load/endpoint';

const endpoint = endpointOf(new URL('http://127.0.0.1:8080/base/'));

test('a viewer of comments asks for them, with its token', () => {
  const asking = { channel: 'video:a', events: 'likes,comments', lastId: '', token: 'abc' };
  const lines = streamHead(endpoint, asking).split('\r\n');
  expect(lines[0]).toBe('GET /base/stream?channel=video:a&events=likes,comments HTTP/1.1');
  expect(lines).toContain('Host: 127.0.0.1:8080');
  expect(lines).toContain('Authorization: Bearer abc');
  expect(lines.slice(-2)).toEqual(['', '']);
});

test('a viewer that comes back sends its event id', () => {
  const asking = { channel: 'video:a', events: 'likes', lastId: 'x', token: undefined };
  expect(streamHead(endpoint, asking)).toContain('\r\nLast-Event-ID: x\r\n');
});
