import { type Answer, call, eventually, problemIn } from './api';
import { endServers, Server } from './server';

afterAll(endServers);

const TITLE = '/videos/room/attributes/title';

function valueIn({ text }: Answer): unknown {
  const found: unknown = JSON.parse(text);
  return Object(found).value;
}

describe.each([
  ['in one process', {}],
  ['with workers', { WORKERS: '2' }],
])('the admin port without a key, %s', (_, env: Readonly<Record<string, string>>) => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.startToReturn({ env });
  });

  const admin = (method: string, path: string, body?: object, headers = {}) =>
    call(server.adminUrl, method, path, { headers, ...(body && { body }) });
  const read = () => call(server.url, 'GET', TITLE);

  it('sets and removes attributes, which the public port does not', async () => {
    const written = await admin('PUT', TITLE, { value: { text: 'Final' } });
    expect([written.status, JSON.parse(written.text)]).toEqual([
      200,
      { name: 'title', place: expect.stringMatching(/^dc1\.1@\d+$/) },
    ]);
    await eventually(async () => expect(valueIn(await read())).toEqual({ text: 'Final' }));
    const refused = await call(server.url, 'PUT', TITLE, { body: { value: 1 } });
    expect([refused.status, problemIn(refused).code]).toEqual([401, 'unauthorized']);
    expect((await admin('DELETE', TITLE)).status).toBe(200);
    await eventually(async () => expect((await read()).status).toBe(404));
  });

  it("deletes anyone's comment", async () => {
    const comments = '/videos/room/comments';
    const posted = await call(server.url, 'POST', comments, { body: { text: 'rude' } });
    const { commentId } = JSON.parse(posted.text) as { commentId: string };
    const refused = await call(server.url, 'DELETE', `${comments}/${commentId}`);
    expect(refused.status).toBe(403);
    expect((await admin('DELETE', `${comments}/${commentId}`)).status).toBe(204);
    await eventually(async () => {
      const page = await call(server.url, 'GET', comments);
      expect(JSON.parse(page.text)).toMatchObject({ comments: [{ commentId, deleted: true }] });
    });
    expect((await admin('DELETE', `${comments}/never`)).status).toBe(404);
  });

  it('the public port has the values of several channels in one answer', async () => {
    const answer = await call(server.url, 'GET', '/likes?videoId=a&videoId=b');
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      200,
      { likes: [{ videoId: 'a' }, { videoId: 'b' }] },
    ]);
  });

  it('refuses pages in a browser, and other methods', async () => {
    const origin = { Origin: 'https://evil.example' };
    expect((await admin('PUT', TITLE, { value: 1 }, origin)).status).toBe(401);
    expect((await admin('POST', '/videos/room/comments', { text: 'hi' })).status).toBe(404);
    expect((await admin('POST', TITLE, { value: 1 })).status).toBe(405);
  });
});

it('with ADMIN_SECRET, the admin port asks for it', async () => {
  const secret = 'a-secret-of-operators';
  const server = await Server.startToReturn({ env: { ADMIN_SECRET: secret } });
  const put = (headers: Readonly<Record<string, string>>) =>
    call(server.adminUrl, 'PUT', TITLE, { headers, body: { value: 1 } });
  expect((await put({})).status).toBe(401);
  expect((await put({ Authorization: `Bearer ${secret}` })).status).toBe(200);
});

it('with a key of members, the admin port has no such calls', async () => {
  const server = await Server.startToReturn({ env: { JWT_SECRET: 'x'.repeat(32) } });
  const answer = await call(server.adminUrl, 'PUT', TITLE, { body: { value: 1 } });
  expect(answer.status).toBe(404);
});
