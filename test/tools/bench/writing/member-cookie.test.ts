import { createServer, type Server } from 'node:http';
import { withCookie } from '../../../../tools/bench/writing/member-cookie';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((end) => server.close(end));
});

async function answering(cookies: string[]): Promise<number> {
  const server = createServer((_, res) => {
    if (cookies.length > 0) res.setHeader('Set-Cookie', cookies);
    res.end('{}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function postTo(port: number) {
  return { port, path: '/', headers: ['A: b'], body: '{}', likes: 1, connections: 1 };
}

it('posts go on with the cookie of the first answer', async () => {
  const port = await answering(['member=ann.code; HttpOnly', 'other=1']);
  const { headers } = await withCookie(postTo(port));
  expect(headers).toEqual(['A: b', 'Cookie: member=ann.code; other=1']);
});

it('a server without cookies gets the same post', async () => {
  const post = postTo(await answering([]));
  expect(await withCookie(post)).toEqual(post);
});
