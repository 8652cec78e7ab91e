import { gzipSync } from 'node:zlib';
import { MAX_BODY_BYTES, MAX_INTERNAL_BODY_BYTES, readJson } from '../../runtime/body';
import { requestWith } from './requests';

/** A request whose body has arrived completely with its head. */
function arrived(...of: Parameters<typeof requestWith>): ReturnType<typeof requestWith> {
  const request = requestWith(...of);
  request.complete = true;
  return request;
}

/** A JSON object of exactly `bytes` bytes. */
function objectOf(bytes: number): string {
  const frame = '{"a":""}';
  return `{"a":"${'x'.repeat(bytes - frame.length)}"}`;
}

describe.each([
  ['that arrives with the head', arrived],
  ['that arrives later', requestWith],
])('readJson of a body %s', (_, requestWithBody) => {
  it('reads an object, whatever its content type', async () => {
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
      const request = requestWithBody('{"likeId":"a"}', { 'content-type': type });
      expect(await readJson(request)).toEqual({ likeId: 'a' });
    }
  });

  it('reads a missing body as an empty object', async () => {
    expect(await readJson(requestWithBody(''))).toEqual({});
  });

  it('reads UTF-8', async () => {
    expect(await readJson(requestWithBody('{"text":"héllo 👋"}'))).toEqual({ text: 'héllo 👋' });
  });

  it.each(['{', '{"a":}', 'hello', '{"a":1}}', "{'a':1}"])(
    'refuses %s as malformed',
    async (text) => {
      await expect(readJson(requestWithBody(text))).rejects.toMatchObject({
        code: 'malformed_json',
      });
    },
  );

  it.each(['[1]', '"text"', '42', 'null'])('refuses %s, which is not an object', async (text) => {
    await expect(readJson(requestWithBody(text))).rejects.toMatchObject({ code: 'invalid_body' });
  });

  it('accepts 16 KiB, and not a byte more', async () => {
    expect(MAX_BODY_BYTES).toBe(16_384);
    await expect(readJson(requestWithBody(objectOf(16_384)))).resolves.toHaveProperty('a');
    await expect(readJson(requestWithBody(objectOf(16_385)))).rejects.toMatchObject({
      code: 'body_too_large',
      status: 413,
    });
  });

  it('counts the received bytes, not the announced ones', async () => {
    const chunked = requestWithBody(objectOf(20_000));
    chunked.headers = { 'transfer-encoding': 'chunked' };
    await expect(readJson(chunked)).rejects.toMatchObject({ code: 'body_too_large' });
  });

  it('bounds a compressed body by its unpacked size', async () => {
    const packed = gzipSync(objectOf(1_000_000));
    expect(packed.length).toBeLessThan(MAX_BODY_BYTES);
    const request = requestWithBody(packed, { 'content-encoding': 'gzip' });
    await expect(readJson(request)).rejects.toMatchObject({ code: 'body_too_large' });
  });

  it('accepts larger bodies between services', async () => {
    const request = requestWithBody(objectOf(100_000));
    await expect(readJson(request, MAX_INTERNAL_BODY_BYTES)).resolves.toHaveProperty('a');
  });

  it('ignores a byte order mark', async () => {
    expect(await readJson(requestWithBody('\uFEFF{"a":1}'))).toEqual({ a: 1 });
  });
});

describe('readJson', () => {
  it('refuses an aborted request', async () => {
    const request = requestWith('{"a":1}', { 'content-length': '100' });
    await expect(readJson(request)).rejects.toMatchObject({ status: 400 });
  });
});
