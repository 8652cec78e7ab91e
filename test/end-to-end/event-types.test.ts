import { join } from 'node:path';
import { call, eventually, post, problemIn } from './api';
import { endServers, ROOT, Server } from './server';
import { StreamClient, type StreamEvent, type StreamOptions } from './stream-client';

let server: Server;
const viewers: StreamClient[] = [];
beforeAll(async () => {
  const EVENT_TYPES = join(ROOT, 'docs', 'examples', 'poll-votes.js');
  server = await Server.start({ env: { EVENT_TYPES } });
});
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(endServers);

function watch(video: string, options?: StreamOptions): StreamClient {
  const viewer = new StreamClient(server.url, [`video:${video}`], options);
  viewers.push(viewer);
  return viewer;
}

/** Votes as a new member: without a token, each request is one. */
async function vote(video: string, option: string): Promise<void> {
  const answer = await post(server.url, video, { option }, { type: 'poll-votes' });
  expect(answer.status).toBe(201);
}

const fieldsOf = ({ data }: StreamEvent) => Object.keys(data).sort();

describe('a stream of two event types', () => {
  it('has one snapshot of both, and news of each with its own count', async () => {
    await post(server.url, 'both', {});
    await vote('both', 'yes');
    const viewer = watch('both');
    const snapshot = await viewer.next('snapshot');
    const fields = ['channel', 'options', 'reactions', 'seen', 'total', 'votes'];
    expect(fieldsOf(snapshot)).toEqual(expect.arrayContaining(fields));
    await vote('both', 'no');
    const votes = await viewer.next('poll-votes', ({ data }) => data.votes === 2);
    expect(votes.data).toMatchObject({ options: { yes: 1, no: 1 }, new: 1 });
    await post(server.url, 'both', {});
    await viewer.next('likes', ({ data }) => data.total === 2);
    expect(viewer.faults).toEqual([]);
  });

  it('continues from an id, with a snapshot of a type that the id lacks', async () => {
    const before = watch('resumed', { query: 'events=likes' });
    const snapshot = await before.next('snapshot');
    expect(fieldsOf(snapshot)).toEqual(['channel', 'reactions', 'seen', 'total']);
    before.close();
    await post(server.url, 'resumed', {});
    await vote('resumed', 'yes');
    await eventually(async () => {
      const answer = await call(server.url, 'GET', '/videos/resumed/poll-votes');
      expect(JSON.parse(answer.text)).toMatchObject({ votes: 1 });
    });
    const { lastEventId, totals } = before;
    const viewer = watch('resumed', { lastEventId, totals });
    await viewer.next('likes', ({ data }) => data.new === 1);
    const [rest] = viewer.all('snapshot');
    const fields = rest ? fieldsOf(rest) : [];
    expect(fields).toEqual(expect.arrayContaining(['channel', 'options', 'seen', 'votes']));
    expect(fields).not.toContain('total');
    expect(viewer.faults).toEqual([]);
    viewer.close();
    await vote('resumed', 'no');
    const back = watch('resumed', { lastEventId: viewer.lastEventId, totals: viewer.totals });
    await back.next('poll-votes', ({ data }) => data.votes === 2 && data.new === 1);
    expect(back.all('snapshot')).toEqual([]);
  });

  it('carries only the types that are asked for', async () => {
    const viewer = watch('some', { query: 'events=unknown,poll-votes' });
    const snapshot = await viewer.next('snapshot');
    expect(fieldsOf(snapshot)).toEqual(['channel', 'options', 'seen', 'votes']);
    await post(server.url, 'some', {});
    await vote('some', 'yes');
    await viewer.next('poll-votes');
    expect(viewer.all('likes')).toEqual([]);
    const answer = await call(server.url, 'GET', '/stream?channel=video:some&events=unknown');
    expect([answer.status, problemIn(answer).code]).toEqual([400, 'invalid_channel']);
  });
});
