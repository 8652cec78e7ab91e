import { Origins, parseOrigin } from '../../runtime/origins';

const HOST = 'likes.example.com';

describe('a configured origin', () => {
  it.each([
    ['https://a.example', 'https://a.example'],
    ['https://a.example/', 'https://a.example'],
    ['HTTPS://A.Example', 'https://a.example'],
    ['https://a.example:443', 'https://a.example'],
    ['http://a.example:80', 'http://a.example'],
    ['http://a.example:8080', 'http://a.example:8080'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ])('%s allows pages of %s, and no others', (given, origin) => {
    const origins = new Origins([given]);
    expect(origins.allows(origin, HOST)).toBe(true);
    for (const other of [`${origin}.evil.example`, 'http://localhost:3000', `${origin}/`, 'null']) {
      expect(origins.allows(other, HOST)).toBe(false);
    }
  });

  it.each([
    ...['*', 'a.example', 'https://', 'https://*', 'https://a.*.example', 'ftp://a.example'],
    ...[
      'https://a.example/path',
      'https://a.example?x=1',
      'https://u:p@a.example',
      'null',
      'https',
    ],
  ])('%s can never match, and is refused with what to write', (given) => {
    expect(() => parseOrigin(given)).toThrow('write https://example.com or https://*.example.com');
  });

  it('with a wildcard allows all names below the domain, on its port and protocol', () => {
    const origins = new Origins(['https://*.example.org', 'http://*.Example.net:8080/']);
    for (const origin of ['https://a.example.org', 'https://a.b.example.org']) {
      expect(origins.allows(origin, HOST)).toBe(true);
    }
    expect(origins.allows('http://a.example.net:8080', HOST)).toBe(true);
    for (const origin of [
      ...['https://example.org', 'http://a.example.org', 'https://a.example.org:8443'],
      ...['https://badexample.org', 'https://a.example.org.evil.example', 'http://a.example.net'],
    ]) {
      expect(origins.allows(origin, HOST)).toBe(false);
    }
  });
});

it('pages of the host itself may call, whatever is configured', () => {
  expect(new Origins([]).allows('https://likes.example.com', HOST)).toBe(true);
  expect(new Origins([]).allows('http://likes.example.com:8080', 'likes.example.com:8080')).toBe(
    true,
  );
  expect(new Origins([]).allows('https://other.example.com', HOST)).toBe(false);
});

it('without a setting, pages of this machine may call, and no others', () => {
  const origins = new Origins(undefined);
  for (const host of ['localhost', 'app.localhost', '127.0.0.1', '127.1.2.3', '[::1]']) {
    expect(origins.allows(`http://${host}:3000`, HOST)).toBe(true);
    expect(origins.allows(`https://${host}`, HOST)).toBe(true);
  }
  for (const origin of [
    ...[
      'https://localhost.evil.example',
      'https://evil-localhost',
      'https://127.0.0.1.evil.example',
    ],
    ...['https://10.0.0.1', 'null', 'file://', '', 'https://evil.example'],
  ]) {
    expect(origins.allows(origin, HOST)).toBe(false);
  }
});
