import { call, post } from './api';
import { endServers, Server } from './server';
import { StreamClient } from './stream-client';

const viewers: StreamClient[] = [];
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(endServers);

describe.each([
  ['in one process', {}],
  ['with workers', { WORKERS: '2' }],
])('%s', (_, env: Readonly<Record<string, string>>) => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start({ env });
  });

  /** A member, by the cookie of its first request. */
  async function newMember(): Promise<{ id: string; headers: Record<string, string> }> {
    const { headers } = await post(server.url, 'lobby', {});
    const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    const [id = ''] = /anonymous-[0-9a-f]+/.exec(decodeURIComponent(cookie)) ?? [];
    return { id, headers: { Cookie: cookie } };
  }

  function watch(channel: string, headers: Record<string, string> = {}): StreamClient {
    const viewer = new StreamClient(server.url, [channel], { headers });
    viewers.push(viewer);
    return viewer;
  }

  it('typing is shown to the others of a conversation', async () => {
    const [ann, bob] = [await newMember(), await newMember()];
    const [ofAnn, ofBob] = [
      watch('conversation:7', ann.headers),
      watch('conversation:7', bob.headers),
    ];
    await Promise.all([ofAnn.next('snapshot'), ofBob.next('snapshot')]);
    const { headers } = ann;
    const sent = await call(server.url, 'POST', '/conversations/7/typing', { body: {}, headers });
    expect([sent.status, sent.text]).toEqual([202, '{}']);
    const { data } = await ofBob.next('typing');
    const event = { channel: 'conversation:7', memberId: ann.id, active: true };
    expect(data).toEqual(event);
    await ofBob.next('typing', (each) => each.data.active === false, 10_000);
    expect(ofAnn.all('typing')).toEqual([]);
  });
});

it('a member without a stream is offline', async () => {
  const server = await Server.start();
  const unknown = { memberId: 'unknown', online: false };
  const { text } = await call(server.url, 'GET', '/members/unknown/presence');
  expect(JSON.parse(text)).toEqual(unknown);
  const all = await call(server.url, 'GET', '/presence?memberId=unknown');
  expect(JSON.parse(all.text)).toEqual({ presence: [unknown] });
});
