import { connect } from 'node:net';
import Koa from 'koa';
import { systemClock } from '../../runtime/clock';
import { type HttpServer, openHttpServer } from '../../runtime/http-server';

let server: HttpServer;
beforeAll(async () => {
  server = await openHttpServer(new Koa(), { port: 0, host: '127.0.0.1' }, systemClock);
});
afterAll(() => server.close());

/** The whole answer to some bytes, until the server closes the connection. */
function answerTo(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    socket.write(bytes);
  });
}

describe('a server that receives an invalid request', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400, 'malformed_request'],
    ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n', 400, 'malformed_request'],
    [
      'too many headers',
      `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
  ])('answers %s with a problem', async (_, bytes, status, code) => {
    const [head = '', body = ''] = (await answerTo(bytes)).split('\r\n\r\n');
    expect(head).toMatch(
      new RegExp(`^HTTP/1.1 ${status} .*\r\nContent-Type: application/problem\\+json`),
    );
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });
});
