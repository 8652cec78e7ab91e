import { join } from 'node:path';
import { SECRET, token } from '../runtime/members/tokens';
import { call, eventually, likeIn } from './api';
import { Described } from './described';
import { endServers, ROOT, Server } from './server';
import { StreamClient } from './stream-client';

const EXPIRES_AT_S = Math.floor(Date.now() / 1_000) + 3_600;

function headersOf(claims: object) {
  return { Authorization: `Bearer ${token({ exp: EXPIRES_AT_S, ...claims })}` };
}

const MEMBER = headersOf({ sub: 'ann' });
const BACKEND = headersOf({
  sub: 'backend',
  likestream: { watch: ['*'], publish: ['video:*'], moderate: ['video:*'], write: ['*'] },
});

let server: Server;
let api: Described;
const streams: StreamClient[] = [];
beforeAll(async () => {
  const EVENT_TYPES = join(ROOT, 'docs', 'examples', 'poll-votes.js');
  server = await Server.start({ env: { EVENT_TYPES, JWT_SECRET: SECRET } });
  api = await Described.of(server.url);
});
afterAll(async () => {
  for (const stream of streams) stream.close();
  await endServers();
});

async function statusOf(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = MEMBER,
): Promise<number> {
  return (await api.call(method, path, { body, headers })).status;
}

function watch(channels: readonly string[], headers = MEMBER): StreamClient {
  const stream = new StreamClient(server.url, channels, { headers });
  streams.push(stream);
  return stream;
}

describe('/openapi.yaml', () => {
  it('is YAML that pages of every origin may read', async () => {
    const answer = await call(server.url, 'GET', '/openapi.yaml', {
      headers: { Origin: 'https://elsewhere.example' },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/yaml; charset=utf-8',
      'access-control-allow-origin': '*',
    });
    expect(answer.text).toContain('/videos/{videoId}/poll-votes:');
  });
});

describe('what /openapi.yaml says of calls', () => {
  it('is true of entries, pages and states', async () => {
    const like = await api.call('POST', '/videos/a/likes', {
      body: { likeId: 'l' },
      headers: MEMBER,
    });
    expect(await statusOf('POST', '/videos/a/likes', { likeId: 'l' })).toBe(200);
    expect(await statusOf('POST', '/videos/a/likes', { likes: [{}, { likeId: null }] })).toBe(201);
    const places = `atLeast=${likeIn(like).place}`;
    expect(await statusOf('GET', `/videos/a/likes?${places}`)).toBe(200);
    expect(await statusOf('GET', '/videos/a/likes')).toBe(200);
    expect(await statusOf('GET', '/likes?videoId=a&videoId=b')).toBe(200);
    expect(await statusOf('POST', '/videos/a/poll-votes', { option: 'tea' })).toBe(201);
    expect(await statusOf('GET', '/videos/a/poll-votes')).toBe(200);
    expect(await statusOf('GET', '/poll-votes?videoId=a')).toBe(200);
    for (const commentId of ['c', 'd', 'e']) {
      expect(await statusOf('POST', '/videos/a/comments', { commentId, text: 'hi' })).toBe(201);
    }
    expect(await statusOf('DELETE', '/videos/a/comments/c')).toBe(204);
    expect(await statusOf('POST', '/videos/a/comments', { commentId: 'c', text: 'hi' })).toBe(200);
    expect(await statusOf('GET', '/videos/a/comments?limit=1')).toBe(200);
    await eventually(async () => {
      const { text } = await api.call('GET', '/videos/a/comments', { headers: MEMBER });
      expect(text).toContain('"deleted":true');
    });
  });

  it('is true of what replaces what was before, and of live states', async () => {
    const path = '/videos/a/attributes/score';
    expect(await statusOf('PUT', path, { value: [2, 1] }, BACKEND)).toBe(200);
    await eventually(async () => expect(await statusOf('GET', path)).toBe(200));
    expect(await statusOf('GET', '/videos/a/attributes')).toBe(200);
    expect(await statusOf('GET', '/attributes?videoId=a')).toBe(200);
    expect(await statusOf('DELETE', path, undefined, BACKEND)).toBe(200);
    expect(await statusOf('POST', '/conversations/7/receipts', { messageId: '3' })).toBe(201);
    expect(await statusOf('GET', '/conversations/7/receipts')).toBe(200);
    expect(await statusOf('GET', '/receipts?conversationId=7')).toBe(200);
    expect(await statusOf('POST', '/conversations/7/typing')).toBe(202);
    expect(await statusOf('GET', '/videos/a/viewers')).toBe(200);
    expect(await statusOf('GET', '/viewers?videoId=a')).toBe(200);
    expect(await statusOf('GET', '/members/ann/presence')).toBe(200);
    expect(await statusOf('GET', '/presence?memberId=ann')).toBe(200);
    expect(await statusOf('POST', '/session')).toBe(204);
    expect(await statusOf('DELETE', '/session')).toBe(204);
  });

  it('is true of refusals', async () => {
    const refusals: [string, string, unknown, Readonly<Record<string, string>>][] = [
      ['POST', '/videos/a/likes', '{', MEMBER],
      ['POST', '/videos/a/likes', {}, {}],
      ['POST', '/videos/a/likes', ' '.repeat(20_000), MEMBER],
      ['PUT', '/videos/a/attributes/x', { value: 1 }, MEMBER],
      ['PUT', '/videos/a/attributes/x', { value: 'x'.repeat(5_000) }, BACKEND],
      ['DELETE', '/videos/a/comments/none', undefined, MEMBER],
      ['GET', '/stream?channel=none:1', undefined, MEMBER],
    ];
    const statuses = [];
    for (const [method, path, body, headers] of refusals) {
      statuses.push(await statusOf(method, path, body, headers));
    }
    expect(statuses).toEqual([400, 401, 413, 403, 413, 404, 400]);
  });
});

describe('what /openapi.yaml says of streams', () => {
  it('is true of the events, and of changes', async () => {
    const channels = ['video:s', 'conversation:s', 'member:bob'];
    const headers = headersOf({ sub: 'bob' });
    const viewer = watch(channels, headers);
    const { data } = await viewer.next('ready');
    const path = `/stream/${data.connectionId}`;
    expect(await statusOf('PUT', `${path}/channels/video:t`, undefined, headers)).toBe(204);
    expect(await statusOf('DELETE', `${path}/channels/video:t`, undefined, headers)).toBe(204);
    expect(await statusOf('PUT', `${path}/token`, undefined, headers)).toBe(204);
    await viewer.next('snapshot', ({ data: { channel } }) => channel === 'video:s');
    await viewer.next('snapshot', ({ data: { channel } }) => channel === 'conversation:s');
    await statusOf('POST', '/videos/s/likes', {});
    await viewer.next('likes');
    await statusOf('POST', '/videos/s/comments', { commentId: 'c', text: 'hi' });
    await viewer.next('comment');
    await statusOf('DELETE', '/videos/s/comments/c');
    await viewer.next('comment_deleted');
    await statusOf('PUT', '/videos/s/attributes/score', { value: 1 }, BACKEND);
    await viewer.next('attribute');
    await statusOf('POST', '/conversations/s/receipts', { messageId: '1' });
    await viewer.next('receipt');
    await statusOf('POST', '/conversations/s/typing');
    await viewer.next('typing');
    await statusOf('POST', '/videos/s/poll-votes', { option: 'tea' });
    await viewer.next('poll-votes');
    watch(['video:s']);
    await viewer.next('viewers', ({ data: { viewers } }) => viewers === 2);
    for (const { data: sent, name } of viewer.events) {
      const [head = '', ...rest] = name.split(/[-_]/);
      const parts = [head, ...rest].map((part) => part.charAt(0).toUpperCase() + part.slice(1));
      api.requireShape(`${parts.join('')}Event`, sent);
    }
    expect(new Set(viewer.events.map(({ name }) => name)).size).toBeGreaterThan(9);
  });
});

test('/openapi.yaml has no call that this test did not verify, but streams', () => {
  const missed = api.calls.filter((each) => !api.verified.has(each));
  expect(missed).toEqual(['GET /stream']);
});
