import { connect } from 'node:net';
import { call, eventually, post, problemIn, totalOf } from './api';
import { endServers, Server } from './server';
import { StreamClient } from './stream-client';

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(endServers);

/** Writes text to the server until what it has answered contains `end`; resolves with all of it. */
function talk(text: string, end: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk: Buffer) => {
      heard += chunk;
      if (heard.includes(end)) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(heard));
    socket.write(text);
  });
}

const HOST = 'Host: x\r\n';
const like = (video: string) =>
  `POST /videos/${video}/likes HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\n{}`;
const stream = (video: string, more = '') =>
  `GET /stream?channel=video:${video} HTTP/1.1\r\n${HOST}${more}\r\n`;

describe('a stream', () => {
  it('that is asked for behind likes begins after their answers', async () => {
    const heard = await talk(`${like('behind')}${like('behind')}${stream('behind')}`, 'snapshot');
    const starts = [...heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(starts).toEqual(['201', '201', '200']);
    expect(heard.indexOf('event: ready')).toBeGreaterThan(heard.lastIndexOf('"place"'));
    expect(await totalOf(server.url, 'behind')).toBe(2);
  });

  it('whose request has too large a head gets the temporary answer', async () => {
    const heard = await talk(stream('big', `Cookie: ${'x'.repeat(17_000)}\r\n`), '\n\n');
    expect(heard).toMatch(/^HTTP\/1\.1 200 /);
    expect(heard).toContain('event: bye\ndata: {"reason":"headers_too_large"');
  });

  it('answers HEAD with the method that it has', async () => {
    const answer = await call(server.url, 'HEAD', '/stream?channel=video:x');
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET']);
  });
});

describe('other paths', () => {
  it('answer too large a head with 431', async () => {
    const headers = { Cookie: 'x'.repeat(17_000) };
    const answer = await call(server.url, 'GET', '/videos/big/likes', { headers });
    expect([answer.status, problemIn(answer).code]).toEqual([431, 'headers_too_large']);
  });

  it.each(['%2e', '%2e%2e', '.%2e'])('refuse the id %s, which pages cannot send', async (id) => {
    const answer = await post(server.url, id, {});
    expect([answer.status, problemIn(answer).code]).toEqual([400, 'invalid_id']);
  });

  it('accept ids with dots', async () => {
    expect((await post(server.url, '...', {})).status).toBe(201);
  });
});

describe('a hang-up of the terminal', () => {
  it('ends the process as SIGTERM does', async () => {
    const own = await Server.start();
    const viewer = new StreamClient(own.url, ['video:hup']);
    await viewer.next('snapshot');
    process.kill(own.pid, 'SIGHUP');
    await viewer.next('bye');
    viewer.close();
    expect(await own.ended).toMatchObject({ code: 0 });
  });

  it('is ignored by a process that nohup started', async () => {
    // What nohup does to a terminal, which a test has not.
    const within = ['sh', '-c', 'exec nohup "$@" 0> /dev/null', 'sh'];
    const own = await Server.start({ within });
    process.kill(own.pid, 'SIGHUP');
    await eventually(async () => expect((await post(own.url, 'hup', {})).status).toBe(201), 5_000);
    await own.stop();
  });
});
