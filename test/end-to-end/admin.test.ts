import { call, eventually, likeIn, post, problemIn } from './api';
import { endServers, Server } from './server';
import { StreamClient } from './stream-client';

const viewers: StreamClient[] = [];
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(endServers);

async function watching(server: Server, video: string, cookie = ''): Promise<StreamClient> {
  const viewer = new StreamClient(server.url, [`video:${video}`], {
    headers: { Cookie: cookie },
    reconnects: true,
  });
  viewers.push(viewer);
  await viewer.next('snapshot');
  return viewer;
}

async function admin(server: Server, method: string, path: string): Promise<void> {
  expect((await call(server.adminUrl, method, path)).status).toBe(204);
}

async function codeOf(server: Server, video: string, cookie = ''): Promise<string> {
  const answer = await post(server.url, video, {}, { headers: { Cookie: cookie } });
  return answer.status === 201 ? 'taken' : problemIn(answer).code;
}

describe.each([
  ['in one process', {}],
  ['with workers', { WORKERS: '2' }],
])('%s', (_, env: Readonly<Record<string, string>>) => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.startToReturn({ env });
  });

  it('a paused video refuses likes, its viewers stay, and it goes on afterwards', async () => {
    const viewer = await watching(server, 'held');
    await admin(server, 'PUT', '/admin/videos/held/paused');
    expect(await codeOf(server, 'held')).toBe('video_paused');
    expect(await codeOf(server, 'other')).toBe('taken');
    await admin(server, 'DELETE', '/admin/videos/held/paused');
    expect(await codeOf(server, 'held')).toBe('taken');
    await eventually(() => expect(viewer.total('video:held')).toBe(1));
    expect(viewer.connections).toBe(1);
  });

  it('all videos can be paused at once, and a restart keeps that', async () => {
    await admin(server, 'PUT', '/admin/paused');
    await server.stop();
    server = await server.startAgain();
    expect(await codeOf(server, 'any')).toBe('video_paused');
    await admin(server, 'DELETE', '/admin/paused');
    expect(await codeOf(server, 'any')).toBe('taken');
  });

  it("a banned member's streams end, and its likes and new streams are refused", async () => {
    const first = await post(server.url, 'room', {});
    const [cookie = ''] = String(first.headers['set-cookie']).split(';');
    expect(likeIn(first).videoId).toBe('room');
    const [banned, other] = [
      await watching(server, 'room', cookie),
      await watching(server, 'room'),
    ];
    const memberId = cookie.slice(cookie.indexOf('=') + 1).split('.')[0];
    await admin(server, 'PUT', `/admin/members/${memberId}/banned`);
    expect((await banned.next('bye')).data.reason).toBe('banned');
    await eventually(() => expect(banned.statuses.at(-1)).toBe(403));
    expect(await codeOf(server, 'room', cookie)).toBe('member_banned');
    expect(await codeOf(server, 'room')).toBe('taken');
    await eventually(() => expect(other.total('video:room')).toBe(2));
    await admin(server, 'DELETE', `/admin/members/${memberId}/banned`);
    expect(await codeOf(server, 'room', cookie)).toBe('taken');
  });
});
