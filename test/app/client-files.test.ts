import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Koa from 'koa';
import { clientFiles } from '../../app/client-files';
import { systemClock } from '../../runtime/clock';
import { type HttpServer, openHttpServer } from '../../runtime/http-server';
import { problems } from '../../runtime/problems';

const CODE = 'export const connect = () => undefined;\n'.repeat(20);

interface Got {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

const folder = mkdtempSync(join(tmpdir(), 'likestream-client-'));
let server: HttpServer;

const serve = async () => {
  const app = new Koa();
  app.silent = true;
  app.use(problems(() => {})).use(clientFiles(folder));
  server = await openHttpServer(app, { port: 0, host: '127.0.0.1' }, systemClock);
};

const ask = (path: string, method = 'GET', headers: NodeJS.Dict<string> = {}): Promise<Got> =>
  new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', port: server.port, path, method, headers };
    const sent = request(target, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      const { headers: given, statusCode: status } = answer;
      resolve({ status, headers: given, body: Buffer.concat(chunks) });
    });
    sent.on('error', reject).end();
  });

describe('the files of the browser client', () => {
  beforeAll(() => {
    writeFileSync(join(folder, 'client.js'), CODE);
    return serve();
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it('are for pages of every origin, and asked for again before each use', async () => {
    const { body, headers, status } = await ask('/client.js');
    expect([status, body.toString()]).toEqual([200, CODE]);
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'public, no-cache',
      'content-type': 'text/javascript; charset=utf-8',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
    });
    expect(headers).not.toHaveProperty('content-encoding');
  });

  it('are gzipped for who takes it, with a tag of its own', async () => {
    const plain = await ask('/client.js', 'GET', { 'Accept-Encoding': 'gzip;q=0' });
    const gzipped = await ask('/client.js', 'GET', { 'Accept-Encoding': 'br, gzip' });
    expect(gzipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gzipped.body).toString()).toBe(CODE);
    expect(gzipped.headers['content-length']).toBe(String(gzipped.body.length));
    expect(plain.body.toString()).toBe(CODE);
    expect(gzipped.headers.etag).not.toBe(plain.headers.etag);
  });

  it('are not sent again to who has them', async () => {
    for (const coding of ['identity', 'gzip']) {
      const first = await ask('/client.js', 'GET', { 'Accept-Encoding': coding });
      const etag = String(first.headers.etag);
      const again = await ask('/client.js', 'GET', {
        'Accept-Encoding': coding,
        'If-None-Match': etag,
      });
      expect([again.status, again.body.length]).toEqual([304, 0]);
      expect(again.headers).toMatchObject({ etag, vary: 'Accept-Encoding' });
      expect(again.headers).toHaveProperty('cache-control', 'public, no-cache');
      const other = await ask('/client.js', 'GET', { 'If-None-Match': '"other"' });
      expect(other.status).toBe(200);
    }
  });

  it('answer HEAD without a body, with the headers of GET', async () => {
    const got = await ask('/client.js');
    const { body, headers, status } = await ask('/client.js', 'HEAD');
    expect([status, body.length]).toEqual([200, 0]);
    expect({ ...headers, date: '' }).toEqual({ ...got.headers, date: '' });
  });

  it.each(['POST', 'PUT', 'DELETE'])('refuse %s, and name what they take', async (method) => {
    const { body, headers, status } = await ask('/client.js', method);
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'method_not_allowed' });
  });

  it('stay those of the start, and are not found if there was none', async () => {
    const { headers } = await ask('/client.js');
    writeFileSync(join(folder, 'client.js'), 'changed');
    expect((await ask('/client.js')).headers.etag).toBe(headers.etag);
    expect((await ask('/client/hearts.js')).status).toBe(404);
    await server.close();
    await serve();
    expect((await ask('/client.js')).body.toString()).toBe('changed');
  });
});
